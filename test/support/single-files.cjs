/**
 * Loaded with `--require` before the service or a tool: writes to the file SINGLE_FILES_TO, at its end, which files
 * Node's own loader has loaded, and which flags of V8 the process has set.
 */
const Module = require('node:module');
const { writeFileSync } = require('node:fs');
const v8 = require('node:v8');
const { isMainThread } = require('node:worker_threads');

if (isMainThread) {
  const files = [];
  const load = Module._extensions['.js'];
  Module._extensions['.js'] = (module, file) => {
    files.push(file);
    return load(module, file);
  };
  const flags = [];
  const { setFlagsFromString } = v8;
  v8.setFlagsFromString = (flag) => {
    flags.push(flag);
    setFlagsFromString(flag);
  };
  process.on('exit', () => writeFileSync(process.env.SINGLE_FILES_TO, JSON.stringify({ files, flags })));
}
