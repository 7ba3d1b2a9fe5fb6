/**
 * Loaded with `--require` before the service or a tool (one-chain.spec.ts): its clock goes HASTENED times as fast since
 * HASTENED_SINCE (ms), alike in all processes, so that schedules and leases come soon enough for a test. And a run of
 * a job says on standard output when it is about to write, waits a moment, and says when the write is refused because
 * the lease is another's: a test knows whom to stop, and when.
 */
require('reflect-metadata');
const { join } = require('node:path');
const { setTimeout: wait } = require('node:timers/promises');

const dist = (...path) => require(join(__dirname, '..', '..', 'dist', ...path));
const { Clock } = dist('platform', 'clock', 'clock.js');
const { JobLease } = dist('platform', 'jobs', 'job-lease.js');

const speed = Number(process.env.HASTENED);
const since = Number(process.env.HASTENED_SINCE);
const now = Clock.prototype.now;
Clock.prototype.now = function () {
  return since + (now.call(this) - since) * speed;
};

/** Long enough for a test to read the line and stop the process before the write. */
const WAIT_MS = 300;
const MORE_MS = 300;
const { guard } = JobLease.prototype;
JobLease.prototype.guard = async function (em) {
  process.stdout.write(`writes ${this.job} ${this.runNumber}\n`);
  await wait(WAIT_MS + Math.random() * MORE_MS);
  try {
    await guard.call(this, em);
  } catch (error) {
    if (error.name === 'LeaseLostError') process.stdout.write(`refused ${this.job} ${this.runNumber}\n`);
    throw error;
  }
};
