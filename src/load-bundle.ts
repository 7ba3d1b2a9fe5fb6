import { closeSync, openSync, readFileSync, readSync, realpathSync, statSync } from 'node:fs';
import Module, { createRequire, isBuiltin } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { constants, Script } from 'node:vm';
import { crc32 } from 'node:zlib';
import { ownMember, setOwnMember } from './platform/hardening/own-member';
import { pauseOptimizing } from './platform/memory/optimizing';

/**
 * What `scripts/bundle/build.mjs` writes as `bundle.json`, next to `bundle.js` (the text of the scripts, one after the
 * other) and `bundle.code` (what V8 compiled of each of them).
 */
interface BundleIndex {
  /** The Node.js that built it, from `nodeId`. */
  node: string;
  text: Part;
  code: Part;
  /** Folder below `node_modules` → the version of the package, as its package.json writes it. */
  packages: Record<string, string>;
  /** The first one returns the functions of as many modules as `shared` says, each of the others that of one. */
  scripts: BundleScript[];
  shared: number;
  /** Files of the modules, in the order of the scripts, below this folder; packages are below `node_modules`. */
  files: string[];
  /** File of this folder → its size, bytes. */
  sizes: Record<string, number>;
  /** Folder → what its modules require → number of that module. */
  folders: Record<string, Record<string, number>>;
  /** Program → the modules that it imports, in order. */
  entries: Record<string, number[]>;
}

interface BundleScript {
  text: Range;
  code: Range;
  ascii: boolean;
  /** Whether its module needs the path of its file as the name of the script. Compiled code has the name of the build. */
  placed: boolean;
}

interface Part {
  bytes: number;
  crc: number;
}

/** First byte, and the byte after the last. */
type Range = [number, number];

/** The function around a CommonJS module. */
type ModuleFunction = (
  this: unknown,
  exports: unknown,
  require: NodeJS.Require,
  module: Module,
  filename: string,
  dirname: string,
) => void;

/** The bundle does not fit this program; the message says why. */
class UnfitBundleError extends Error {}

const PACKAGES = `node_modules${sep}`;

/** The same in each folder that the program is moved to, because V8 keeps it in compiled code. */
const scriptName = (file: string) => (file.startsWith(PACKAGES) ? file : `dist${sep}${file}`);

/** Code that V8 compiled runs in the same Node.js only. */
export const nodeId = () => `${process.version} ${process.platform} ${process.arch}`;

/** Why a start takes longer than it could: a message for the log. */
export interface SlowStart {
  message: string;
  reason: string;
}

/**
 * Loads the modules that the program `entry` imports from the bundle in `folder`, under the names of their single files:
 * `require` finds them in its cache afterwards. Whatever is not in the bundle comes from its single file. Returns why
 * this is slow: because the bundle does not fit, and then nothing is loaded from it, or because V8 refuses its code.
 * Leaves V8's optimizing compiler paused: the program resumes it once it has started.
 */
export function loadBundle(folder: string, entry: string): SlowStart | undefined {
  try {
    const bundle = Bundle.open(folder);
    bundle.load(relative(folder, entry));
    return bundle.isCompiled ? undefined : COMPILED_AGAIN;
  } catch (error) {
    if (!(error instanceof UnfitBundleError)) throw error;
    return { message: 'modules were loaded from single files', reason: error.message };
  }
}

const COMPILED_AGAIN: SlowStart = {
  message: 'modules were compiled at the start',
  reason:
    'V8 refused their compiled code: its flags (NODE_OPTIONS, arguments of node) differ from those of the build',
};

class Bundle {
  private readonly own = createRequire(__filename);
  private readonly loaded = this.own.cache;
  /** False once V8 has refused the code of a script, and compiled its text. */
  isCompiled = true;
  /** Script → its functions. */
  private functions: ModuleFunction[][] = [];

  private constructor(
    /** Undefined once everything is loaded: it would only take memory. */
    private index: BundleIndex | undefined,
    /** The paths of the modules, by number. */
    private files: readonly string[],
    private readonly text: BundleFile,
    private readonly code: BundleFile,
  ) {}

  /** Throws an UnfitBundleError if there is no bundle, if it is damaged, or if it differs from the single files. */
  static open(folder: string): Bundle {
    // Stack traces would name the places in the files that the compiler wrote.
    if (process.sourceMapsEnabled) throw new UnfitBundleError('source maps are enabled');
    const index = readIndex(join(folder, 'bundle.json'));
    if (index.node !== nodeId()) throw new UnfitBundleError(`it was built by Node.js ${index.node}`);
    const packages = realPath(join(folder, '..', 'node_modules'));
    const files = index.files.map((file) =>
      file.startsWith(PACKAGES) ? packages + file.slice(PACKAGES.length - 1) : folder + sep + file,
    );
    requireSameFiles(index, folder);
    requireSamePackages(index, packages);
    return new Bundle(
      index,
      files,
      new BundleFile(join(folder, 'bundle.js'), index.text),
      new BundleFile(join(folder, 'bundle.code'), index.code),
    );
  }

  /** Throws an UnfitBundleError if the program `entry` is not in it. */
  load(entry: string): void {
    const imported = ownMember(this.index!.entries, entry);
    if (!imported) throw new UnfitBundleError(`${entry} is not in it`);
    // Also when the bundle is built: V8 takes the code only from a process with the same flags.
    pauseOptimizing();
    try {
      for (const id of imported) this.require(id, require.main);
    } finally {
      // From now on Node's own loader finds what was loaded, and loads the rest from single files.
      this.index = undefined;
      this.files = [];
      this.functions = [];
      this.text.close();
      this.code.close();
    }
  }

  /** As Node's `require`: a module that is being loaded returns what it has exported so far. */
  private require(id: number, parent: NodeJS.Module | undefined): unknown {
    const file = this.files[id]!;
    const known = ownMember(this.loaded, file);
    if (known) return known.exports;
    const module = new Module(file, parent);
    setOwnMember(this.loaded, file, module);
    try {
      this.run(module, id, file);
    } catch (error) {
      Reflect.deleteProperty(this.loaded, file);
      throw error;
    }
    module.loaded = true;
    return module.exports;
  }

  private run(module: Module, id: number, file: string): void {
    const { shared, files } = this.index!;
    const [script, place] = id < shared ? [0, id] : [id - shared + 1, 0];
    const functions = (this.functions[script] ??= this.compile(script, file, files[id]!));
    const require = this.requireOf(module, file, dirname(files[id]!));
    Object.assign(module, { filename: file, require });
    functions[place]!.call(module.exports, module.exports, require, module, file, dirname(file));
  }

  private requireOf(module: Module, file: string, folder: string): NodeJS.Require {
    let single: NodeJS.Require | undefined;
    const ofFile = () => (single ??= createRequire(file));
    const require = (request: string): unknown => {
      const id = this.idOf(folder, request);
      if (id !== undefined) return this.require(id, module);
      return isBuiltin(request) ? this.own(request) : ofFile()(request);
    };
    const resolve = (request: string, options?: { paths?: string[] }) => ofFile().resolve(request, options);
    return Object.assign(require, { resolve, cache: this.loaded, main: this.own.main }) as NodeJS.Require;
  }

  private idOf(folder: string, request: string): number | undefined {
    const requires = this.index && ownMember(this.index.folders, folder);
    return requires && ownMember(requires, request);
  }

  private compile(script: number, file: string, name: string): ModuleFunction[] {
    const { text, code, ascii, placed } = this.index!.scripts[script]!;
    // A text in one byte per character takes half of the memory.
    const source = this.text.read(text).toString(ascii ? 'latin1' : 'utf8');
    const compiled = new Script(source, {
      filename: placed ? file : scriptName(script === 0 ? 'bundle.js' : name),
      cachedData: placed ? undefined : this.code.read(code),
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    });
    if (compiled.cachedDataRejected) this.isCompiled = false;
    return compiled.runInThisContext() as ModuleFunction[];
  }
}

function readIndex(file: string): BundleIndex {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as BundleIndex;
  } catch (error) {
    throw new UnfitBundleError((error as Error).message);
  }
}

/** How much of a file is in memory while it is checked, bytes. */
const CHUNK = 1 << 20;

/** A file of the bundle, from which scripts are read one by one, so that it is never in memory as a whole. */
class BundleFile {
  private file: number | undefined;

  /** Throws an UnfitBundleError unless the content is what was built: V8 runs compiled code without a check. */
  constructor(
    readonly name: string,
    { bytes, crc }: Part,
  ) {
    if (orUnfit(() => this.sum(bytes)) !== crc) throw new UnfitBundleError(`${name} is damaged`);
  }

  read([from, to]: Range): Buffer {
    this.file ??= openSync(this.name, 'r');
    const content = Buffer.allocUnsafeSlow(to - from);
    readSync(this.file, content, 0, content.length, from);
    return content;
  }

  close(): void {
    if (this.file !== undefined) closeSync(this.file);
    this.file = undefined;
  }

  /** Undefined if the file does not have this size. */
  private sum(bytes: number): number | undefined {
    const file = openSync(this.name, 'r');
    const chunk = Buffer.allocUnsafeSlow(CHUNK);
    let [at, sum] = [0, 0];
    for (let read = -1; read !== 0; at += read) {
      read = readSync(file, chunk, 0, CHUNK, at);
      sum = crc32(chunk.subarray(0, read), sum);
    }
    closeSync(file);
    return at === bytes ? sum : undefined;
  }
}

const realPath = (folder: string) => orUnfit(() => realpathSync(folder));

/** Sizes show that a build was mixed with another one, or that a file was edited. */
function requireSameFiles({ sizes }: BundleIndex, folder: string): void {
  for (const [file, size] of Object.entries(sizes))
    if (orUnfit(() => statSync(folder + sep + file)).size !== size)
      throw new UnfitBundleError(`${join(folder, file)} was changed`);
}

function requireSamePackages({ packages }: BundleIndex, folder: string): void {
  for (const [name, version] of Object.entries(packages)) {
    const description = orUnfit(() => readFileSync(join(folder, name, 'package.json'), 'utf8'));
    if (!description.includes(version)) throw new UnfitBundleError(`the package ${name} was changed`);
  }
}

function orUnfit<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new UnfitBundleError((error as Error).message);
  }
}
