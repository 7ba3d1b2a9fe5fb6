'use strict';
// The delivered build as a process that runs jobs when its parent says so, and tells how late the event loop was and how
// much memory it took. Plain JavaScript, because a compiler in the process would count as memory of the service.
require('../../../dist/platform/hardening/guard-prototypes');
require('reflect-metadata');
const { performance } = require('node:perf_hooks');
const { setInterval } = require('node:timers');
const { createService } = require('../../../dist/app.setup');
const { AppConfig } = require('../../../dist/platform/config/app-config');
const { boundHeapGrowth } = require('../../../dist/platform/memory/heap-growth');
const { JobRunner } = require('../../../dist/platform/jobs/job-runner');

const EVERY_MS = 2;
let last = performance.now();
let lastCpu = process.cpuUsage();
let maxDelayMs = 0;
let maxBusyMs = 0;

setInterval(() => {
  const now = performance.now();
  const { user, system } = process.cpuUsage(lastCpu);
  lastCpu = process.cpuUsage();
  const late = now - last - EVERY_MS;
  maxDelayMs = Math.max(maxDelayMs, late);
  maxBusyMs = Math.max(maxBusyMs, Math.min(late, (user + system) / 1_000));
  last = now;
}, EVERY_MS).unref();

function reading(status = 'done', error = null) {
  const late = { maxDelayMs, maxBusyMs };
  maxDelayMs = 0;
  maxBusyMs = 0;
  const memory = { rssBytes: process.memoryUsage.rss(), peakBytes: process.resourceUsage().maxRSS * 1024 };
  return { status, error, ...late, ...memory };
}

async function main() {
  const service = await createService(AppConfig.fromProcess(), { jobs: 'manual' });
  await service.app.listen(0, '127.0.0.1');
  boundHeapGrowth();
  const runner = service.app.get(JobRunner);
  const obey = async (order) => {
    if (order === 'reading') return void process.send(reading());
    if (order === 'stop') return service.close().then(() => process.exit(0));
    const { ended } = await runner.trigger(order.job);
    const { status, error } = await ended;
    process.send(reading(status, error));
  };
  process.on('message', (order) => void obey(order));
  process.send({ url: await service.app.getUrl() });
}

void main();
