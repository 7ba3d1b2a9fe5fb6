const { TestEnvironment: NodeEnvironment } = require('jest-environment-node');
const { forgetSpec, inSource, stopFollowing } = require('./load-once.cjs');

/** Classes that Jest's own modules, which run in a realm of their own, have to recognise in what tests give them. */
const CLASSES = [
  ...[
    'Object',
    'Function',
    'Array',
    'String',
    'Number',
    'Boolean',
    'BigInt',
    'Symbol',
    'RegExp',
    'Date',
    'Promise',
  ],
  ...[
    'Error',
    'AggregateError',
    'EvalError',
    'RangeError',
    'ReferenceError',
    'SyntaxError',
    'TypeError',
    'URIError',
  ],
  ...[
    'Map',
    'Set',
    'WeakMap',
    'WeakSet',
    'DataView',
    'Int8Array',
    'Uint8ClampedArray',
    'Int16Array',
    'Uint16Array',
  ],
  ...['Int32Array', 'Uint32Array', 'BigInt64Array', 'BigUint64Array', 'Float32Array', 'Float64Array'],
];

/** Jest's environment for Node, for spec files that run in the realm of the worker (see load-once.cjs). */
module.exports = class ServiceEnvironment extends NodeEnvironment {
  constructor(config, context) {
    super(config, context);
    for (const name of CLASSES) this.global[name] = globalThis[name];
    this.settings = config.projectConfig.globals;
    Object.assign(globalThis, this.settings);
    this.variables = { ...process.env };
  }

  async setup() {
    await super.setup();
    // Jest has just installed its formatter, which knows the source maps of what Jest itself loads.
    const format = Error.prepareStackTrace;
    Error.prepareStackTrace = (error, frames) => format(error, frames.map(inSource));
  }

  /** Undoes what the spec file did to the process: modules, spies on shared objects, environment variables. */
  async teardown() {
    forgetSpec();
    stopFollowing();
    this.moduleMocker.restoreAllMocks();
    for (const name of Object.keys(this.settings)) delete globalThis[name];
    for (const name of Object.keys(process.env)) if (!(name in this.variables)) delete process.env[name];
    Object.assign(process.env, this.variables);
    await super.teardown();
  }
};
