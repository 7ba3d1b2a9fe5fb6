import { DiscoveryService } from '@nestjs/core';
import type { Caller } from '../platform/access/caller';
import type { GraphSource } from './domain/graph-source';

/** Says which source fills which of the given graphs of a user, by graph id. */
export type GraphsReadListener = (
  caller: Caller,
  graphIds: readonly string[],
) => Promise<ReadonlyMap<string, GraphSource>>;

/** Marks the method of a feature above that knows the sources of graphs; a `GraphsReadListener`. */
export const OnGraphsRead = DiscoveryService.createDecorator();
