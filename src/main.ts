import './platform/hardening/guard-prototypes';
import 'reflect-metadata';
import { createService, type Service } from './app.setup';
import { AppConfig } from './platform/config/app-config';
import { OperatorError } from './platform/errors/operator-error';

/** How long a stop may take before the process ends anyway, ms. */
const STOP_WITHIN_MS = 30_000;

async function main(): Promise<void> {
  const config = AppConfig.fromProcess();
  const service = await createService(config);
  stopOnSignals(service);
  await service.app.listen(config.get('PORT'), config.get('HOST'));
  const address = await service.app.getUrl();
  service.log.info(`${config.get('PROJECT_NAME')} listens on ${address}`, {
    address,
    docs: `${address}/docs`,
    pid: process.pid,
  });
}

function stopOnSignals(service: Service): void {
  let stopping = false;
  const stop = (signal: string) => {
    if (stopping) return;
    stopping = true;
    service.log.info('stopping: finishing what was begun', { signal });
    setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
    service.close().then(
      () => {
        service.log.info('stopped');
        process.exit(0);
      },
      (error: unknown) => {
        service.log.error('stopped with an error', { error });
        process.exit(1);
      },
    );
  };
  process.on('SIGHUP', () => toggleDebug(service));
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
}

/** SIGHUP: everything is logged, until the next one. The environment of a running process cannot change. */
function toggleDebug({ log, configuredLevel }: Service): void {
  log.level = log.level === configuredLevel ? 'debug' : configuredLevel;
  log.warn('log level changed by SIGHUP', { log_level: log.level });
}

/** What an operator can act on is said as a sentence; everything else with its stack. */
function explain(error: unknown): string {
  if (error instanceof OperatorError) return error.message;
  const { code, path } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE')
    return `The address is in use already: ${(error as Error).message}. Set PORT to another one.`;
  if (code !== undefined && path !== undefined)
    return `A file or folder cannot be used: ${(error as Error).message}. Check DATA_DIR, DATABASE_URL and who may write there.`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

main().catch((error: unknown) => {
  process.stderr.write(`GraphOMAT Backup did not start. ${explain(error)}\n`);
  process.exit(1);
});
