/**
 * Loaded with `--require` before the service or a tool (one-chain.spec.ts), which then follows the orders in the file
 * LED_BY, JSON that the test replaces: its clock is `ahead` of the wall's by so many ms, and due jobs run as soon as that
 * changes. Runs of the `gated` job with a number `above` the given one wait before they write until it is gated no longer,
 * and say so on standard output; they also say when a write is refused. With `killAfter`, the process kills itself with SIGKILL right before so many further
 * statements that write, counted from where a run leaves the gate.
 */
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { setInterval } = require('node:timers');
const { setTimeout: wait } = require('node:timers/promises');
const { isMainThread } = require('node:worker_threads');
const { Query } = require('pg');

const dist = (...path) => require(join(__dirname, '..', '..', 'dist', ...path));

/** How often the file is read, ms. */
const READ_MS = 20;
const WRITES = /^\s*(INSERT|UPDATE|DELETE|COMMIT)\b/i;

let orders = read();
let runner;
let statements;

function read() {
  return JSON.parse(readFileSync(process.env.LED_BY, 'utf8'));
}

setInterval(() => {
  const { ahead } = orders;
  orders = read();
  if (ahead !== orders.ahead) void runner?.runDueJobs();
}, READ_MS).unref();

const { submit } = Query.prototype;
Query.prototype.submit = function (...args) {
  if (statements !== undefined && WRITES.test(this.text)) statements += 1;
  if (statements === orders.killAfter) process.kill(process.pid, 'SIGKILL');
  return submit.apply(this, args);
};

/**
 * Once the process has loaded them from its bundle, and before it awaits anything: to load them here, from single files,
 * would take 0.2 s of CPU time.
 */
if (isMainThread)
  process.nextTick(() => {
    leadClock(dist('platform', 'clock', 'clock.js').Clock.prototype);
    leadRunner(dist('platform', 'jobs', 'job-runner.js').JobRunner.prototype);
    gateLeases(dist('platform', 'jobs', 'job-lease.js').JobLease.prototype);
  });

function leadClock(clock) {
  const { now } = clock;
  clock.now = function () {
    return now.call(this) + orders.ahead;
  };
}

function leadRunner(jobRunner) {
  const { register } = jobRunner;
  jobRunner.register = function (job) {
    runner = this;
    return register.call(this, job);
  };
}

function gateLeases(lease) {
  const { guard } = lease;
  lease.guard = async function (em) {
    const isGated = () => orders.gated === this.job && this.runNumber > orders.above;
    if (isGated()) process.stdout.write(`waits ${this.job} ${this.runNumber}\n`);
    while (isGated()) await wait(READ_MS);
    if (orders.killAfter) statements ??= 0;
    try {
      await guard.call(this, em);
    } catch (error) {
      process.stdout.write(`refused ${this.job} ${this.runNumber}\n`);
      throw error;
    }
  };
}
