import { AsyncLocalStorage } from 'node:async_hooks';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { AppConfig } from '../../src/platform/config/app-config';
import { VARIABLES } from '../../src/platform/config/variables';

/** What a command line tool did. */
export interface CliResult {
  code: number;
  output: string;
}

/** A tool that runs in this process. */
interface Run {
  environment: Record<string, string | undefined>;
  /** While its file is loaded; afterwards it ends by a call that it makes last. */
  isLoading: boolean;
  output: string;
  end: (code: number) => void;
}

/** What ends the loading of a tool that has ended already. */
class EndedError extends Error {}

const runs = new AsyncLocalStorage<Run>();
const load = createRequire(__filename);
const fileOf = (name: string) => join(__dirname, '..', '..', 'src', 'cli', `${name}.ts`);
let running = 0;
let putBack: () => void = () => undefined;

/**
 * Runs a tool's source in this process, with its arguments, settings, output and exit code: a process of its own takes
 * 0.4 s of CPU time more. It shares the event loop with the test, so a service that writes meanwhile belongs into another
 * process. No `.env` is read, and no signal reaches it.
 */
export function runInProcess(
  name: string,
  args: string[],
  environment: Record<string, string | undefined>,
): Promise<CliResult> {
  refuseOtherVariables(environment);
  return new Promise((resolve) => {
    if (running === 0) putBack = replaceProcess();
    running += 1;
    let ended = false;
    const run: Run = {
      environment,
      isLoading: true,
      output: '',
      end: (code) => {
        if (ended) return;
        ended = true;
        running -= 1;
        if (running === 0) putBack();
        resolve({ code, output: run.output });
      },
    };
    runs.run(run, () => loadTool(run, fileOf(name), args));
  });
}

/** What is no setting of the service would have to be in the environment of this process. */
function refuseOtherVariables(environment: Record<string, string | undefined>): void {
  const other = Object.keys(environment).filter(
    (name) => !(name in VARIABLES) && environment[name] !== process.env[name],
  );
  if (other.length > 0) throw new Error(`${other.join(', ')}: use spawnCli, which runs a process.`);
}

function loadTool(run: Run, file: string, args: string[]): void {
  const { argv } = process;
  process.argv = [argv[0]!, file, ...args];
  delete load.cache[file];
  try {
    load(file);
  } catch (error) {
    if (!(error instanceof EndedError)) throw error;
  } finally {
    process.argv = argv;
    run.isLoading = false;
  }
}

/** What tools ask of their process; others in this process get what they always get. Returns what undoes it. */
function replaceProcess(): () => void {
  const undo = [
    replace(AppConfig, 'fromProcess', (original) => () => {
      const run = runs.getStore();
      return run ? AppConfig.from(run.environment) : original.call(AppConfig);
    }),
    replace(process, 'exit', (original) => (code) => {
      const run = runs.getStore();
      if (!run) return original.call(process, code);
      run.end(Number(code ?? 0));
      if (run.isLoading) throw new EndedError();
      return undefined as never;
    }),
    replace(process, 'once', withoutSignals),
    ...[process.stdout, process.stderr].map((stream) => replace(stream, 'write', collected(stream))),
  ];
  return () => {
    undo.forEach((one) => one());
    // Or Node would follow every promise of this process from here on (docs/decisions/0040-tests-load-the-service-once.md).
    runs.disable();
  };
}

function withoutSignals(original: typeof process.once): typeof process.once {
  const once = (event: string, listener: () => void) => {
    const isSignal = event === 'SIGINT' || event === 'SIGTERM';
    return runs.getStore() && isSignal ? process : original.call(process, event as 'exit', listener);
  };
  return once as typeof process.once;
}

function collected(stream: NodeJS.WriteStream) {
  return (original: NodeJS.WriteStream['write']) =>
    ((text: string | Uint8Array, ...rest: []) => {
      const run = runs.getStore();
      if (!run) return original.call(stream, text, ...rest);
      run.output += Buffer.from(text as string).toString();
      return true;
    }) as NodeJS.WriteStream['write'];
}

function replace<T extends object, K extends keyof T>(
  target: T,
  name: K,
  by: (original: T[K]) => T[K],
): () => void {
  const original = Object.getOwnPropertyDescriptor(target, name);
  Object.defineProperty(target, name, { value: by(target[name]), configurable: true, writable: true });
  return () => {
    if (original) Object.defineProperty(target, name, original);
    else Reflect.deleteProperty(target, name);
  };
}
