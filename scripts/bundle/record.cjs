/**
 * Loaded with `--require` before the service, by build.mjs: writes to RECORD_TO, as JSON, the files that were loaded, and
 * which file the modules of each folder got for what they required. At the end it also loads what the programs in RECORD_TOOLS import.
 */
const { readFileSync, writeFileSync } = require('node:fs');
const Module = require('node:module');
const { dirname, isAbsolute } = require('node:path');
const { isMainThread } = require('node:worker_threads');

const requires = {};
const resolve = Module._resolveFilename;
Module._resolveFilename = function (request, parent, ...rest) {
  const file = resolve.call(this, request, parent, ...rest);
  if (parent?.filename && isAbsolute(file)) (requires[dirname(parent.filename)] ??= {})[request] = file;
  return file;
};

/** In the order of the file. */
const importsOf = (program) =>
  [...readFileSync(program, 'utf8').matchAll(/\brequire\("([^"]+)"\)/g)].map(([, request]) => request);

function record() {
  const { cache } = require;
  // What a start loads later, such as parts of Fastify, is loaded with the rest.
  const entries = { [process.argv[1]]: Object.keys(cache) };
  for (const program of JSON.parse(process.env.RECORD_TOOLS)) {
    const ofTool = Module.createRequire(program);
    entries[program] = importsOf(program).map((request) => (ofTool(request), ofTool.resolve(request)));
  }
  writeFileSync(process.env.RECORD_TO, JSON.stringify({ requires, entries, loaded: Object.keys(cache) }));
}

if (isMainThread) process.on('exit', record);
