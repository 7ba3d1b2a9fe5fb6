import { totalmem } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { AppConfig } from '../config/app-config';
import { Workers } from '../workers/workers';

/** How finely delays are sampled, ms. */
const RESOLUTION_MS = 10;
/** Requests wait at least this long when one in a hundred turns of the event loop takes longer, ms. */
const SLOW_LOOP_MS = 250;
/**
 * Beyond this share of the heap's limit the process spends its time collecting garbage, and may end. Beyond this share of
 * the memory that the system grants it, the system may end it.
 */
const FULL_SHARE = 0.9;
const MS = 1e6;

/** How the process itself is doing: its event loop, its memory and its worker threads. It can be degraded, never down: it answers. */
@Injectable()
export class ProcessHealth implements OnApplicationShutdown {
  private readonly delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

  private stopping = false;

  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly workers: Workers,
    private readonly config: AppConfig,
  ) {
    this.delays.enable();
  }

  onApplicationShutdown(): void {
    this.delays.disable();
  }

  /** From now on the process is not ready: proxies turn away before its door closes. It still answers everything. */
  announceStop(): void {
    this.stopping = true;
  }

  /** Whether traffic should be sent to this process. */
  checkReady(): HealthIndicatorResult {
    const indicator = this.indicators.check('process');
    if (this.stopping) return indicator.down({ reason: 'the service is shutting down' });
    return indicator.up();
  }

  /** Delays since the last look; the first look sees them since the start. */
  checkEventLoop(): HealthIndicatorResult {
    // The histogram counts the sampling interval in.
    const p99 = Math.max(0, this.delays.percentile(99) / MS - RESOLUTION_MS);
    const max = Math.max(0, this.delays.max / MS - RESOLUTION_MS);
    this.delays.reset();
    const facts = { p99_ms: round(p99), max_ms: round(max) };
    const indicator = this.indicators.check('event_loop');
    if (p99 <= SLOW_LOOP_MS) return indicator.up(facts);
    const reason = `one in a hundred turns of the event loop took longer than ${SLOW_LOOP_MS} ms`;
    return indicator.up({ ...facts, degraded: true, reason });
  }

  checkMemory(): HealthIndicatorResult {
    const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
    const resident = process.memoryUsage.rss();
    const facts = { heap_bytes: used, heap_limit_bytes: limit, resident_bytes: resident };
    const indicator = this.indicators.check('memory');
    const reason = used > limit * FULL_SHARE ? 'more than 90 % of the heap is in use' : this.excess(resident);
    if (reason === null) return indicator.up(facts);
    return indicator.up({ ...facts, degraded: true, reason });
  }

  // Documents lie outside the heap, and the worker threads have heaps of their own.
  private excess(resident: number): string | null {
    const degraded = this.config.get('MEMORY_DEGRADED_BYTES');
    if (resident > grantedMemory() * FULL_SHARE)
      return 'the process uses more than 90 % of the memory that the system grants it';
    return resident > degraded
      ? `the process uses more memory than MEMORY_DEGRADED_BYTES (${degraded} bytes)`
      : null;
  }

  /** Whether threads can be started. What is small is answered without them, so this never goes down. */
  checkWorkers(): HealthIndicatorResult {
    const indicator = this.indicators.check('workers');
    const failing = this.workers.failing();
    if (failing.length === 0) return indicator.up();
    const named = failing.map(({ pool, code }) => `${pool} (${code})`).join(', ');
    const reason = `no worker thread could do the last job of: ${named}; large graphs, differences and pictures are answered with 503`;
    return indicator.up({ degraded: true, reason });
  }
}

/** Bytes: the limit of the container or service where there is one, else the machine's memory. */
function grantedMemory(): number {
  const machine = totalmem();
  return Math.min(machine, process.constrainedMemory() || machine);
}

function round(ms: number): number {
  return Number.isFinite(ms) ? Math.round(ms * 10) / 10 : 0;
}
