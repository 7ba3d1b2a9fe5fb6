/**
 * Loaded with `--require` before the service or a tool that a test starts as a process of its own (child.ts, cli.ts).
 * Such a process loads up to 2,400 modules, which takes most of the CPU time of a short life. This keeps where each
 * module is, its text and V8's compiled code in one file, for the processes that come later. A module whose file has
 * changed since then is read again. Why, and how much it saves: docs/decisions/0045-tests-share-what-is-costly.md.
 */
const { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } = require('node:fs');
const Module = require('node:module');
const { dirname, isAbsolute, join } = require('node:path');
const vm = require('node:vm');
const { isMainThread } = require('node:worker_threads');

const PACKAGES = join(__dirname, '..', '..', 'node_modules');
const FOLDER = join(PACKAGES, '.cache', 'graphomat-backup');
/** What is kept belongs to one version of Node and one set of packages. */
const KEPT = join(FOLDER, `modules-${process.version}-${changedAt(join(PACKAGES, '.package-lock.json'))}`);
/** A process that had to compile fewer modules than this is not worth another copy of the file. */
const WORTH_KEEPING = 50;

const { compile, extension, resolve } = {
  compile: Module.prototype._compile,
  extension: Module._extensions['.js'],
  resolve: Module._resolveFilename,
};
/** By file: when it was last changed, as this process has seen it. */
const changes = new Map();
/** By file: what this process compiled. */
const compiled = new Map();
// A worker thread loads few modules.
const kept = isMainThread ? readKept() : undefined;
if (kept) {
  Module._resolveFilename = resolveKept;
  Module._extensions['.js'] = loadKept;
  Module.prototype._compile = compileAndNote;
  process.on('exit', keep);
}

function changeOf(file) {
  if (!changes.has(file)) changes.set(file, changedAt(file));
  return changes.get(file);
}

function changedAt(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs;
}

/** The file: the length of its index, the index as JSON, then texts and compiled code one after the other. */
function readKept() {
  try {
    const bytes = readFileSync(KEPT);
    const start = 4 + bytes.readUInt32LE(0);
    const { places, modules } = JSON.parse(bytes.toString('utf8', 4, start));
    return { places, modules, bytes: bytes.subarray(start) };
  } catch {
    return { places: {}, modules: {}, bytes: Buffer.alloc(0) };
  }
}

function resolveKept(request, parent, isMain, options) {
  if (isMain || options || !parent?.filename) return resolve(request, parent, isMain, options);
  const key = `${dirname(parent.filename)} ${request}`;
  const known = kept.places[key];
  if (known && changeOf(known) !== undefined) return known;
  const file = resolve(request, parent, isMain, options);
  if (isAbsolute(file)) kept.places[key] = file;
  return file;
}

function loadKept(module, filename) {
  const entry = kept.modules[filename];
  if (!entry || entry.changedAt !== changeOf(filename)) return extension(module, filename);
  const { at, text, code } = entry;
  const source = kept.bytes.toString('utf8', at, at + text);
  const script = compileScript(filename, source, kept.bytes.subarray(at + text, at + text + code));
  return run(script, module, filename);
}

function compileAndNote(source, filename, format) {
  let script;
  try {
    if (format !== 'module' && filename.endsWith('.js') && !source.startsWith('#!'))
      script = compileScript(filename, source);
  } catch {
    // Not CommonJS: Node knows what to do.
  }
  if (!script) return compile.call(this, source, filename, format);
  compiled.set(filename, { script, source, changedAt: changeOf(filename) });
  return run(script, this, filename);
}

function compileScript(filename, source, cachedData) {
  return new vm.Script(Module.wrap(source), {
    filename,
    cachedData,
    columnOffset: -Module.wrapper[0].length,
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
}

function run(script, module, filename) {
  const require = Object.assign((id) => module.require(id), {
    resolve: (request, options) => Module._resolveFilename(request, module, false, options),
    main: process.mainModule,
    extensions: Module._extensions,
    cache: Module._cache,
  });
  const { exports } = module;
  return script.runInThisContext().call(exports, exports, require, module, filename, dirname(filename));
}

/** Adds what was compiled to what is kept; several processes may do so at the same time. */
function keep() {
  if (compiled.size < WORTH_KEEPING) return;
  const modules = {};
  const parts = [];
  let at = 0;
  const add = (filename, changedAt, text, code) => {
    modules[filename] = { at, text: text.length, code: code.length, changedAt };
    at += parts.push(text, code) && text.length + code.length;
  };
  for (const [filename, { at, text, code, changedAt }] of Object.entries(kept.modules)) {
    if (compiled.has(filename) || changedAt !== changeOf(filename)) continue;
    const end = at + text;
    add(filename, changedAt, kept.bytes.subarray(at, end), kept.bytes.subarray(end, end + code));
  }
  for (const [filename, { script, source, changedAt }] of compiled)
    add(filename, changedAt, Buffer.from(source), script.createCachedData());
  const index = Buffer.from(JSON.stringify({ places: kept.places, modules }));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(index.length);
  mkdirSync(FOLDER, { recursive: true });
  const temporary = `${KEPT}-${process.pid}`;
  writeFileSync(temporary, Buffer.concat([length, index, ...parts]));
  renameSync(temporary, KEPT);
}
