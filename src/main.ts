import { slowStart } from './from-bundle';
import './platform/hardening/guard-prototypes';
import 'reflect-metadata';
import { createService, type Service } from './app.setup';
import { Clock } from './platform/clock/clock';
import { AppConfig } from './platform/config/app-config';
import { explainError, explainListen } from './platform/errors/explain-error';
import { ProcessHealth } from './platform/health/process.health';
import { boundHeapGrowth } from './platform/memory/heap-growth';
import { resumeOptimizing } from './platform/memory/optimizing';
import { StartingServer } from './platform/http/starting-server';

/** How long a stop may take after its delay before the process ends anyway, ms. */
const STOP_WITHIN_MS = 30_000;

async function main(): Promise<void> {
  const config = AppConfig.fromProcess();
  const [port, host] = [config.get('PORT'), config.get('HOST')];
  const refuse = (error: unknown) => {
    throw explainListen(error, host, port);
  };
  // A free port is known only when the service itself has it.
  const starting =
    port === 0 ? undefined : await StartingServer.listen(port, host, new Clock()).catch(refuse);
  const service = await createService(config);
  stopOnSignals(service, service.app.get(ProcessHealth), config.get('SHUTDOWN_DELAY_SECONDS'));
  if (slowStart) service.log.info(slowStart.message, { reason: slowStart.reason });
  await starting?.close();
  await service.app.listen(port, host).catch(refuse);
  boundHeapGrowth();
  resumeOptimizing();
  const address = await service.app.getUrl();
  service.log.info(`${config.get('PROJECT_NAME')} listens on ${address}`, {
    address,
    docs: `${address}/docs`,
    pid: process.pid,
  });
}

function stopOnSignals(service: Service, health: ProcessHealth, delaySeconds: number): void {
  let stopping = false;
  let proceed: () => void = () => undefined;
  const stop = async (reason: string, exitCode: number, delayMs: number) => {
    // A second signal skips the delay for proxies.
    if (stopping) return proceed();
    stopping = true;
    health.announceStop();
    service.log.info('shutting down: waiting for requests and jobs in progress', { reason });
    setTimeout(() => process.exit(1), STOP_WITHIN_MS + delayMs).unref();
    await new Promise<void>((resolve) => {
      proceed = resolve;
      setTimeout(resolve, delayMs);
    });
    try {
      await service.close();
      service.log.info('stopped');
      process.exit(exitCode);
    } catch (error) {
      service.log.error('shutdown failed', { error });
      process.exit(1);
    }
  };
  const fail = (event: string) => (error: unknown) => {
    service.log.fatal('unhandled error: shutting down', { event, error });
    void stop(event, 1, 0);
  };
  process.on('SIGHUP', () => toggleDebug(service));
  process.on('SIGTERM', () => void stop('SIGTERM', 0, delaySeconds * 1_000));
  process.on('SIGINT', () => void stop('SIGINT', 0, 0));
  process.on('unhandledRejection', fail('unhandledRejection'));
  process.on('uncaughtException', fail('uncaughtException'));
}

/** SIGHUP toggles full logging. The environment of a running process cannot change. */
function toggleDebug({ log, configuredLevel }: Service): void {
  log.level = log.level === configuredLevel ? 'debug' : configuredLevel;
  log.warn('log level changed by SIGHUP', { log_level: log.level });
}

/** Errors that an operator can fix are printed as a message, all others with their stack. */
function explain(error: unknown): string {
  const sentence = explainError(error);
  if (sentence !== undefined) return sentence;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

main().catch((error: unknown) => {
  process.stderr.write(`GraphOMAT Backup did not start. ${explain(error)}\n`);
  process.exit(1);
});
