import { Module, type OnApplicationShutdown } from '@nestjs/common';
import { GraphsModule } from '../graphs/graphs.module';
import { Workers } from '../platform/workers/workers';
import { DiffPool } from './diff-pool';
import { DiffService } from './diff.service';
import { GraphEditorService } from './graph-editor.service';
import { DiffsController } from './http/diffs.controller';

/** Differences between versions, and pictures of graphs. */
@Module({
  imports: [GraphsModule],
  controllers: [DiffsController],
  providers: [
    DiffService,
    GraphEditorService,
    { provide: DiffPool, useFactory: (workers: Workers) => new DiffPool(workers), inject: [Workers] },
  ],
  exports: [DiffService],
})
export class DiffModule implements OnApplicationShutdown {
  constructor(private readonly diffs: DiffPool) {}

  onApplicationShutdown(): Promise<void> {
    return this.diffs.close();
  }
}
