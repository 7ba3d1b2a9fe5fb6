const { default: JestRuntime } = require('jest-runtime');
const { loadSpec } = require('./load-once.cjs');

/** Loads Jest's own modules as always, and a spec file with Node's `require` (see load-once.cjs). */
module.exports = class ServiceRuntime extends JestRuntime {
  requireModule(from, name, ...rest) {
    if (name !== undefined || !from.endsWith('.spec.ts')) return super.requireModule(from, name, ...rest);
    Object.assign(globalThis, this.requireModuleOrMock(from, '@jest/globals'));
    return loadSpec(from);
  }
};
