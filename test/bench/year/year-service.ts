import '../../../src/platform/hardening/guard-prototypes';
import 'reflect-metadata';
import { setInterval } from 'node:timers';
import { createService } from '../../../src/app.setup';
import { AppConfig } from '../../../src/platform/config/app-config';
import { JobRunner } from '../../../src/platform/jobs/job-runner';

/** What the parent asks for: a job's run, or what was seen since the last time. */
export type YearOrder = { job: string } | 'reading' | 'stop';

/** How a job ended, and what the event loop and the memory were like until then. */
export interface YearReading {
  status: string;
  error: string | null;
  maxDelayMs: number;
  /** Most CPU time that the process took while the event loop was late: what is left on a machine that is busy. */
  maxBusyMs: number;
  rssBytes: number;
  peakBytes: number;
}

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

function reading(status = 'done', error: string | null = null): YearReading {
  const late = { maxDelayMs, maxBusyMs };
  maxDelayMs = 0;
  maxBusyMs = 0;
  const memory = { rssBytes: process.memoryUsage.rss(), peakBytes: process.resourceUsage().maxRSS * 1024 };
  return { status, error, ...late, ...memory };
}

async function main(): Promise<void> {
  const service = await createService(AppConfig.fromProcess(), { jobs: 'manual' });
  await service.app.listen(0, '127.0.0.1');
  const runner = service.app.get(JobRunner);
  const obey = async (order: YearOrder): Promise<void> => {
    if (order === 'reading') return void process.send?.(reading());
    if (order === 'stop') return service.close().then(() => process.exit(0));
    const { ended } = await runner.trigger(order.job);
    const { status, error } = await ended;
    process.send?.(reading(status, error));
  };
  process.on('message', (order: YearOrder) => void obey(order));
  process.send?.({ url: await service.app.getUrl() });
}

void main();
