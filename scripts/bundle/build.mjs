// The last step of `npm run build`: writes the modules that a start loads into one file, dist/bundle.js, and next to it
// what V8 has compiled of them (bundle.code) and an index (bundle.json). src/load-bundle.ts loads them. To learn which
// modules these are and which functions run, the service is started twice on an empty folder, without a network.
import {
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative, sep } from 'node:path';
import { Script } from 'node:vm';
import { crc32 } from 'node:zlib';
import { startOnce } from './start-once.mjs';

const ROOT = realpathSync(join(import.meta.dirname, '..', '..'));
const DIST = join(ROOT, 'dist');
const PACKAGES = realpathSync(join(ROOT, 'node_modules'));
const MAIN = join(DIST, 'main.js');
const [TEXT, CODE, INDEX] = ['bundle.js', 'bundle.code', 'bundle.json'].map((name) => join(DIST, name));
const { nodeId } = createRequire(import.meta.url)(join(DIST, 'load-bundle.js'));

const nameOf = (file) =>
  file.startsWith(PACKAGES) ? join('node_modules', relative(PACKAGES, file)) : relative(DIST, file);
const isOwn = (file) => file.startsWith(DIST + sep);
const part = (bytes) => ({ bytes: bytes.length, crc: crc32(bytes) });

/** The command line tools that take their modules from the bundle. */
const tools = () =>
  readdirSync(join(DIST, 'cli'))
    .map((name) => join(DIST, 'cli', name))
    .filter((file) => file.endsWith('.js') && readFileSync(file, 'utf8').includes('/from-bundle"'));

/** The body of the function around a CommonJS module; undefined for ES modules and compiled addons. */
function bodyOf(file) {
  if (file.endsWith('.json')) return `module.exports = ${readFileSync(file, 'utf8')}`;
  if (!/\.c?js$/.test(file)) return undefined;
  const text = readFileSync(file, 'utf8')
    .replace(/^\uFEFF/, '')
    .replace(/^#!/, '//');
  try {
    new Script(functionOf(text));
    return text;
  } catch {
    return undefined;
  }
}

const functionOf = (body) => `(function (exports, require, module, __filename, __dirname) {${body}\n})`;

/** Bytes one after the other. */
class Joined {
  parts = [];
  at = 0;

  add(bytes) {
    this.parts.push(bytes);
    return [this.at, (this.at += bytes.length)];
  }

  bytes() {
    return Buffer.concat(this.parts);
  }
}

/**
 * Whether a package's module needs its path as the name of its script: for a dynamic import, which is relative to it, and
 * for an addon, which the package `bindings` looks for next to the file on the stack. Comments may name types.
 */
function isPlaced(file, body, addons) {
  if (isOwn(file)) return false;
  const code = body.replace(/^\s*(\/?\*|\/\/).*$/gm, '');
  return addons.has(packageOf(file)) || /\bimport\s*\(|\bprepareStackTrace\b/.test(code);
}

/**
 * Whether a module has a script of its own: for the stack traces of our code, and to place it. Other characters than
 * those of ASCII would double the memory of the shared script.
 */
const needsOwnScript = (file, body, addons) =>
  isOwn(file) || /[^\p{ASCII}]/u.test(body) || isPlaced(file, body, addons);

/** Below `node_modules`; undefined for our own files. */
const packageOf = (file) =>
  /^node_modules\/(.*node_modules\/)?(@[^/]+\/)?[^/]+/.exec(nameOf(file).split(sep).join('/'))?.[0].slice(13);

/**
 * Our own modules are a script each, so that stack traces name their files and lines. Those of packages share the first
 * script, which is read faster; their lines are those of bundle.js.
 */
function scriptsOf(bodies, addons) {
  const isSingle = ([file, body]) => needsOwnScript(file, body, addons);
  const shared = [...bodies].filter((module) => !isSingle(module));
  const single = [...bodies].filter(isSingle);
  return [
    { file: TEXT, modules: shared.map(([file]) => file), source: sourceOf(shared), placed: false },
    ...single.map(([file, body]) => ({
      file,
      modules: [file],
      source: `[${functionOf(body)}]\n`,
      placed: isPlaced(file, body, addons),
    })),
  ];
}

const sourceOf = (modules) =>
  `[\n${modules.map(([file, body]) => `// ${nameOf(file)}\n${functionOf(body)},\n`).join('')}]\n`;

function versionsOf(files) {
  const versions = {};
  for (const file of files) {
    const name = packageOf(file);
    if (name) versions[name] ??= versionOf(join(PACKAGES, name, 'package.json'));
  }
  return versions;
}

const versionOf = (file) => /"version"\s*:\s*"[^"]*"/.exec(readFileSync(file, 'utf8'))[0];

function indexOf({ requires, entries }, scripts) {
  const files = scripts.flatMap(({ modules }) => modules);
  const ids = new Map(files.map((file, id) => [file, id]));
  const known = (file) => ids.has(file);
  const folders = [...new Set(files.map((file) => dirname(file)))].map((folder) => [
    nameOf(folder) || '.',
    Object.fromEntries(
      Object.entries(requires[folder] ?? {})
        .filter(([, file]) => known(file))
        .map(([request, file]) => [request, ids.get(file)]),
    ),
  ]);
  const imported = Object.entries(entries).map(([program, files]) => [
    nameOf(program),
    files.filter(known).map((file) => ids.get(file)),
  ]);
  return {
    packages: versionsOf(files),
    shared: scripts[0].modules.length,
    files: files.map(nameOf),
    sizes: Object.fromEntries(files.filter(isOwn).map((file) => [nameOf(file), statSync(file).size])),
    folders: Object.fromEntries(folders),
    entries: Object.fromEntries(imported),
  };
}

function write(index, scripts, codes) {
  const [texts, code] = [new Joined(), new Joined()];
  const written = scripts.map(({ file, source, placed }) => ({
    text: texts.add(Buffer.from(source)),
    code: code.add(codes(isOwn(file) ? join('dist', nameOf(file)) : nameOf(file))),
    placed,
    ascii: !/[^\p{ASCII}]/u.test(source),
  }));
  writeFileSync(TEXT, texts.bytes());
  writeFileSync(CODE, code.bytes());
  const parts = { text: part(texts.bytes()), code: part(code.bytes()) };
  writeFileSync(INDEX, JSON.stringify({ node: nodeId(), ...parts, ...index, scripts: written }));
}

async function build(folder) {
  const record = join(folder, 'record.json');
  await startOnce(MAIN, 'record.cjs', { RECORD_TO: record, RECORD_TOOLS: JSON.stringify(tools()) });
  const recorded = JSON.parse(readFileSync(record, 'utf8'));
  const files = recorded.loaded.filter((file) => isOwn(file) || file.startsWith(PACKAGES + sep));
  const own = new Set(['load-bundle.js', 'from-bundle.js', 'main.js', ...tools().map(nameOf)]);
  const bodies = new Map(
    files
      .filter((file) => !own.has(nameOf(file)))
      .map((file) => [file, bodyOf(file)])
      .filter(([, body]) => body !== undefined),
  );
  const addons = new Set(files.filter((file) => file.endsWith('.node')).map(packageOf));
  const scripts = scriptsOf(bodies, addons);
  const index = indexOf(recorded, scripts);

  // This start loads what the tools import as well.
  const all = [...new Set(Object.values(index.entries).flat())];
  write({ ...index, entries: { 'main.js': all } }, scripts, () => Buffer.alloc(0));
  const code = join(folder, 'code.json');
  await startOnce(MAIN, 'keep-code.cjs', { CODE_TO: code });
  const codes = JSON.parse(readFileSync(code, 'utf8'));
  write(index, scripts, (file) => Buffer.from(codes[file] ?? '', 'base64'));
}

const folder = mkdtempSync(join(tmpdir(), 'graphomat-bundle-'));
try {
  for (const file of [INDEX, CODE, TEXT]) rmSync(file, { force: true });
  await build(folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
