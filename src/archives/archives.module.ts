import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module';
import { GraphsModule } from '../graphs/graphs.module';
import { RetentionModule } from '../retention/retention.module';
import { ArchiveWriter } from './archive-writer';
import { ExportEvents } from './export-events';
import { ExportReader } from './export-reader';
import { ExportService } from './export.service';
import { ArchivesController } from './http/archives.controller';

/** Exports accounts and graphs, and imports what was exported. */
@Module({
  imports: [AuditModule, GraphsModule, RetentionModule],
  controllers: [ArchivesController],
  providers: [ExportService, ExportReader, ExportEvents, ArchiveWriter],
})
export class ArchivesModule {}
