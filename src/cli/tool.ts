import { Module, type DynamicModule, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AccountToolsModule } from '../auth/auth.module';
import { refuseUnfinishedRebuild } from '../backups/start-check';
import { databaseSchema } from '../database-schema';
import { GraphsModule } from '../graphs/graphs.module';
import { Clock } from '../platform/clock/clock';
import type { AppConfig } from '../platform/config/app-config';
import { MasterKeySource } from '../platform/crypto/master-key-source';
import { openForTool } from '../platform/database/open-for-tool';
import { Databases } from '../platform/database/databases';
import type { UnitOfWork } from '../platform/database/unit-of-work';
import { Log } from '../platform/logging/log';
import { RetentionModule } from '../retention/retention.module';
import { PlatformModule, type PlatformParts } from '../platform/platform.module';
import { configOfTool } from './config-of-tool';
import { runMain } from './run-main';

/** What a command line tool has to work with. */
export interface Tool {
  app: INestApplicationContext;
  config: AppConfig;
  /** Aborted by Ctrl-C: the tool stops at the next safe place. */
  signal: AbortSignal;
  say(line: string): void;
}

/** The parts of the service that tools use: no routes, no jobs. */
@Module({})
class ToolModule {
  static with(parts: PlatformParts): DynamicModule {
    return {
      module: ToolModule,
      imports: [PlatformModule.with(parts), AccountToolsModule, GraphsModule, RetentionModule],
    };
  }
}

/** Runs a tool while the service may run; see `runMain`. */
export function runTool(usage: string, work: (tool: Tool, args: readonly string[]) => Promise<number>): void {
  runMain(usage, (args) => main(work, args));
}

async function main(
  work: (tool: Tool, args: readonly string[]) => Promise<number>,
  args: readonly string[],
): Promise<number> {
  const config = configOfTool();
  const unitOfWork = await openForTool(config.database, databaseSchema);
  try {
    await refuseUnfinishedRebuild(config, new Databases(databaseSchema));
    const app = await createContext(config, unitOfWork);
    const say = (line: string) => void process.stdout.write(`${line}\n`);
    const code = await work({ app, config, signal: untilInterrupted(), say }, args);
    await app.close();
    return code;
  } finally {
    await unitOfWork.close();
  }
}

function createContext(config: AppConfig, unitOfWork: UnitOfWork): Promise<INestApplicationContext> {
  const log = Log.create({ level: 'fatal', format: 'json' });
  const parts = {
    config,
    clock: new Clock(),
    log,
    unitOfWork,
    masterKeys: MasterKeySource.openExisting(config),
    databases: new Databases(databaseSchema),
  };
  return NestFactory.createApplicationContext(ToolModule.with(parts), { logger: log, abortOnError: false });
}

function untilInterrupted(): AbortSignal {
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort());
  process.once('SIGTERM', () => controller.abort());
  return controller.signal;
}
