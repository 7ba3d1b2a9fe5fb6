import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module';
import { GraphsModule } from '../graphs/graphs.module';
import { RetentionModule } from '../retention/retention.module';
import { VersionsModule } from '../versions/versions.module';
import { ArchiveImport } from './archive-import';
import { ArchiveParser } from './archive-parser';
import { ArchiveReader } from './archive-reader';
import { ArchiveWriter } from './archive-writer';
import { ConfigChecker } from './config-checker';
import { ExportEvents } from './export-events';
import { ExportReader } from './export-reader';
import { ExportService } from './export.service';
import { GraphImport } from './graph-import';
import { ExportController } from './http/export.controller';
import { ImportController } from './http/import.controller';
import { ImportService } from './import.service';
import { PlainImport } from './plain-import';

/** Exports accounts and graphs, and imports what was exported. */
@Module({
  imports: [AuditModule, GraphsModule, RetentionModule, VersionsModule],
  controllers: [ExportController, ImportController],
  providers: [
    ExportService,
    ExportReader,
    ExportEvents,
    ArchiveWriter,
    ImportService,
    ArchiveImport,
    ArchiveReader,
    ArchiveParser,
    PlainImport,
    GraphImport,
    ConfigChecker,
  ],
})
export class ArchivesModule {}
