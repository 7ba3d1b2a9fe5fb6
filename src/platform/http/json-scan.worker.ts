import '../hardening/guard-prototypes';
import { setPriority } from 'node:os';
import { isMainThread } from 'node:worker_threads';
import { countShared } from '../workers/shared-bytes';
import { JsonDepthError, JsonSyntaxError, scanJson, type JsonScan, type JsonScanOptions } from './json-scan';

/** As the codec's workers: a third of the share of cores that the requests' thread gets where they are short. */
const NICENESS = 5;
// On Linux a priority is a thread's own; elsewhere it would be the whole process's.
if (!isMainThread && process.platform === 'linux') setPriority(NICENESS);

/** What is to be scanned; the bytes lie in shared memory. */
export interface ScanJob {
  readonly bytes: Uint8Array;
  readonly options: JsonScanOptions;
}

/** The fields of a `JsonScanError`: what crosses threads loses its class. */
export interface ScanFault {
  readonly fault: 'syntax' | 'depth';
  readonly offset: number;
  readonly reason: string;
}

export function scan({ bytes, options }: ScanJob): JsonScan | ScanFault {
  try {
    return scanJson(countShared(bytes), options);
  } catch (error) {
    if (error instanceof JsonSyntaxError) return faultOf('syntax', error);
    if (error instanceof JsonDepthError) return faultOf('depth', error);
    throw error;
  }
}

function faultOf(fault: ScanFault['fault'], { offset, reason }: JsonSyntaxError | JsonDepthError): ScanFault {
  return { fault, offset, reason };
}
