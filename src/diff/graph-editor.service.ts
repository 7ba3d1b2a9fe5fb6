import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ConfigEditors, type ConfigEditor, type EditedConfig } from '../graphs/config-editors';
import { AppError } from '../platform/errors/app-error';
import { DiffPool, DiffRefusedError, type EditAnswer } from './diff-pool';
import { refusal } from './diff-refusals';
import type { WorkerRefusal } from './edit/worker-edit';

/** Edits configs node by node in the workers, for the module `graphs`. */
@Injectable()
export class GraphEditorService implements ConfigEditor, OnModuleInit {
  constructor(
    private readonly pool: DiffPool,
    private readonly editors: ConfigEditors,
  ) {}

  onModuleInit(): void {
    this.editors.register(this);
  }

  restoreNodes(owner: string, from: Buffer, into: Buffer, nodes: readonly string[]): Promise<EditedConfig> {
    return this.run(() => this.pool.restoreNodes(owner, { from, into, nodes }));
  }

  revert(owner: string, around: { before: Buffer; after: Buffer }, present: Buffer): Promise<EditedConfig> {
    return this.run(() => this.pool.revertVersion(owner, { ...around, present }));
  }

  replace(owner: string, present: Buffer, past: Buffer): Promise<EditedConfig> {
    return this.run(async () => ({ config: past, report: await this.pool.diff(owner, present, past) }));
  }

  private async run(work: () => Promise<EditAnswer>): Promise<EditedConfig> {
    try {
      const answer = await work();
      if ('refused' in answer) throw refused(answer);
      return answer;
    } catch (error) {
      if (error instanceof DiffRefusedError) throw refusal(error);
      throw error;
    }
  }
}

function refused({ refused: { code, message, obstacles } }: WorkerRefusal): AppError {
  return new AppError(code === 'conflict' ? 'conflict' : 'unprocessable', code, message, {
    errors: obstacles,
  });
}
