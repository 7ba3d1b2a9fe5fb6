import { totalmem } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { AppConfig } from '../config/app-config';
import { Workers } from '../workers/workers';

/** Sampling interval of the delays, ms. */
const RESOLUTION_MS = 10;
/** The event loop is slow if the 99th percentile of its turns is longer than this, ms. */
const SLOW_LOOP_MS = 250;
/**
 * Above this share of the heap limit, the process spends its time on garbage collection and may crash. Above this share
 * of the memory that the system grants it, the system may kill it.
 */
const FULL_SHARE = 0.9;
const MS = 1e6;

/**
 * State of the process: event loop, memory and worker threads. It can be degraded, never down, because it answers.
 */
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

  /**
   * Makes the process not ready, so that proxies stop sending requests before it closes its port. It still serves
   * all requests.
   */
  announceStop(): void {
    this.stopping = true;
  }

  /** Whether to send traffic to this process. */
  checkReady(): HealthIndicatorResult {
    const indicator = this.indicators.check('process');
    if (this.stopping) return indicator.down({ reason: 'the service is shutting down' });
    return indicator.up();
  }

  /** Delays since the last check; the first check covers the time since the start. */
  checkEventLoop(): HealthIndicatorResult {
    // The histogram includes the sampling interval.
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

  /** Whether worker threads can be started. Small jobs need none, so this is never down. */
  checkWorkers(): HealthIndicatorResult {
    const indicator = this.indicators.check('workers');
    const failing = this.workers.failing();
    if (failing.length === 0) return indicator.up();
    const named = failing.map(({ pool, code }) => `${pool} (${code})`).join(', ');
    const reason = `no worker thread could run the last job of: ${named}; large graphs, differences and pictures return 503`;
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
