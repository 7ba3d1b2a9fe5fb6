import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';

/**
 * Returns how many days a deleted graph stays in the trash. The retention feature, which builds on this one,
 * provides the implementation that reads policies.
 */
export abstract class TrashPolicy {
  abstract trashDays(userKey: number, graphKey: number): Promise<number>;
}

const DAY_MS = 86_400_000;

/** How long deleted graphs can be recovered. */
@Injectable()
export class TrashRetentionService implements OnModuleInit {
  private policy!: TrashPolicy;

  constructor(private readonly modules: ModuleRef) {}

  onModuleInit(): void {
    this.policy = this.modules.get(TrashPolicy, { strict: false });
  }

  /** How long a graph that is deleted now can be recovered, ms. */
  async keptFor(userKey: number, graphKey: number): Promise<number> {
    return (await this.policy.trashDays(userKey, graphKey)) * DAY_MS;
  }
}
