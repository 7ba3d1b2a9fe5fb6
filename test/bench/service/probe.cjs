'use strict';
// Loaded into the service before itself (--require): measures how late the event loop is, and on SIGUSR2 writes
// what it has seen since the last time to BENCH_PROBE_FILE.
const { renameSync, writeFileSync } = require('node:fs');
const { performance } = require('node:perf_hooks');
const { setInterval } = require('node:timers');

const EVERY_MS = 2;
const file = process.env.BENCH_PROBE_FILE;
let last = performance.now();
let maxDelayMs = 0;

setInterval(() => {
  const now = performance.now();
  maxDelayMs = Math.max(maxDelayMs, now - last - EVERY_MS);
  last = now;
}, EVERY_MS).unref();

process.on('SIGUSR2', () => {
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  // With --expose-gc, what is left after collecting: garbage is no leak.
  for (let times = 0; times < 2; times += 1) globalThis.gc?.();
  const { heapUsed: heap, external: buffers, rss: resident } = process.memoryUsage();
  // Under another name first, so that no reader gets half of it.
  writeFileSync(`${file}.new`, JSON.stringify({ maxDelayMs, peakBytes, held: { heap, buffers, resident } }));
  renameSync(`${file}.new`, file);
  maxDelayMs = 0;
});
