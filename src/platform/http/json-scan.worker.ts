import '../hardening/guard-prototypes';
import { lowerPriority } from '../workers/lower-priority';
import { countShared } from '../workers/shared-bytes';
import { JsonDepthError, JsonSyntaxError, scanJson, type JsonScan, type JsonScanOptions } from './json-scan';

lowerPriority();

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
