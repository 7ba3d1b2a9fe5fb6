/**
 * Loads spec files and all they import with Node's own `require`, in the realm of the worker process. The service and
 * all packages stay loaded for the next spec file. Why, and at what price:
 * docs/decisions/0040-tests-load-the-service-once.md.
 */
const hooks = require('node:async_hooks');
const { readFileSync, statSync } = require('node:fs');
const { SourceMap } = require('node:module');
const { join, sep } = require('node:path');
const { transformSync } = require('@swc/core');
const swcOptions = require('../../swc.jest.json');

const SOURCES = join(__dirname, '..', '..', 'src') + sep;

/** By loaded TypeScript file: when it was last changed, and its source map, parsed when a stack trace needs it. */
const loaded = new Map();
/** The same with the code of each file that was ever loaded: most spec files import the same modules of `test`. */
const compiled = new Map();

require.extensions['.ts'] = (module, filename) => {
  const { code, changedAt, map } = compile(filename);
  loaded.set(filename, { changedAt, map });
  module._compile(code, filename);
};

function compile(filename) {
  const changedAt = statSync(filename).mtimeMs;
  if (compiled.get(filename)?.changedAt === changedAt) return compiled.get(filename);
  const source = readFileSync(filename, 'utf8');
  const { code, map } = transformSync(source, { ...swcOptions, swcrc: false, filename, sourceMaps: true });
  if (!filename.endsWith('.spec.ts')) compiled.set(filename, { changedAt, code, map });
  return { changedAt, code, map };
}
require('reflect-metadata');

/** Of the packages that keep one, such as Playwright, too. */
const stores = new Set();
hooks.AsyncLocalStorage = class extends hooks.AsyncLocalStorage {
  constructor(...args) {
    super(...args);
    stores.add(new WeakRef(this));
  }
};

/** Node follows every promise of the process from the first use of a store on, until it is disabled. */
exports.stopFollowing = () => {
  for (const reference of stores) {
    const store = reference.deref();
    if (store) store.disable();
    else stores.delete(reference);
  }
};

/** Loads a spec file; the file and what it imports from outside `src` and the packages are loaded for it alone. */
exports.loadSpec = (filename) => {
  forgetChangedService();
  require(filename);
};

/** Makes the next spec file load its own copies of the tests' modules, and frees these. */
exports.forgetSpec = () => {
  module.children.length = 0;
  for (const file of loaded.keys()) if (!isService(file)) forget(file);
};

const isService = (file) => file.startsWith(SOURCES) && !file.endsWith('.spec.ts');

function forget(file) {
  delete require.cache[file];
  loaded.delete(file);
}

/** `jest --watch` may keep its process: after a change in `src` the service is loaded again. */
function forgetChangedService() {
  const changed = ([file, { changedAt }]) => statSync(file, { throwIfNoEntry: false })?.mtimeMs !== changedAt;
  if ([...loaded].some(changed)) for (const file of loaded.keys()) forget(file);
}

/** The frame of a stack trace; with its position in the source if this file compiled the code. */
exports.inSource = (frame) => {
  const entry = sourceMapOf(frame.getFileName())?.findEntry(
    frame.getLineNumber() - 1,
    frame.getColumnNumber() - 1,
  );
  if (entry?.originalLine === undefined) return frame;
  const position = {
    getLineNumber: () => entry.originalLine + 1,
    getColumnNumber: () => entry.originalColumn + 1,
  };
  const get = (target, name) =>
    position[name] ?? (typeof target[name] === 'function' ? target[name].bind(target) : target[name]);
  return new Proxy(frame, { get });
};

function sourceMapOf(filename) {
  const file = loaded.get(filename);
  if (file && typeof file.map === 'string') file.map = new SourceMap(JSON.parse(file.map));
  return file?.map;
}
