const { default: JestRuntime } = require('jest-runtime');
const { loadSpec } = require('./load-once.cjs');

/**
 * Remembers the running test for Jest, as its `AsyncLocalStorage` would. That one makes Node follow every promise of the
 * process, which takes a tenth of the CPU time of a test of the service. Tests of a file run one after the other
 * (`test.concurrent` is not used), so a field is enough.
 */
class RunningTest {
  getStore() {
    return this.store;
  }

  async run(store, work) {
    const outer = this.store;
    this.store = store;
    try {
      return await work();
    } finally {
      this.store = outer;
    }
  }
}

/** Loads Jest's own modules as always, and a spec file with Node's `require` (see load-once.cjs). */
module.exports = class ServiceRuntime extends JestRuntime {
  constructor(...args) {
    super(...args);
    const { coreModule } = this;
    const load = coreModule.require.bind(coreModule);
    coreModule.require = (name) =>
      name === 'node:async_hooks' ? { ...load(name), AsyncLocalStorage: RunningTest } : load(name);
  }

  requireModule(from, name, ...rest) {
    if (name !== undefined || !from.endsWith('.spec.ts')) return super.requireModule(from, name, ...rest);
    Object.assign(globalThis, this.requireModuleOrMock(from, '@jest/globals'));
    return loadSpec(from);
  }
};
