import { DiscoveryService } from '@nestjs/core';
import type { EntityManager } from 'typeorm';

/** Removes what a feature has stored about a graph, in the transaction that purges the graph. */
export type GraphPurgedListener = (em: EntityManager, userKey: number, graphKey: number) => Promise<void>;

/** Marks the method with which a feature removes its rows of a purged graph; a `GraphPurgedListener`. */
export const OnGraphPurged = DiscoveryService.createDecorator();
