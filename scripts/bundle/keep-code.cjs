/**
 * Loaded with `--require` before the service, by build.mjs: writes to CODE_TO, at the end, what V8 has compiled of each
 * script by then, as JSON in base64. Functions that have not run are not compiled, so the service has to start first.
 */
const { writeFileSync } = require('node:fs');
const vm = require('node:vm');
const { setFlagsFromString } = require('node:v8');
const { isMainThread } = require('node:worker_threads');

const scripts = [];

class KeptScript extends vm.Script {
  constructor(source, options) {
    super(source, options);
    scripts.push([options.filename, this]);
  }
}

if (isMainThread) {
  vm.Script = KeptScript;
  process.on('exit', () => {
    // As when the bundle is loaded (heap-growth.ts, optimizing.ts): V8 takes code only with the same flags.
    setFlagsFromString('--heap-growing-percent=0');
    setFlagsFromString('--no-opt');
    const code = scripts.map(([file, script]) => [file, script.createCachedData().toString('base64')]);
    writeFileSync(process.env.CODE_TO, JSON.stringify(Object.fromEntries(code)));
  });
}
