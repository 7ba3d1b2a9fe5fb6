// Gets one version out of a database file without the service, following docs/backup-format.md: the proof that
// the format is open. Needs the sqlite3 and zstd commands.
//
// node scripts/decode-version.mjs <database file> <key file> <graph id> <version> > config.json
import { execFileSync } from 'node:child_process';
import { createDecipheriv, createHash, createHmac } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const USAGE = `Usage: node scripts/decode-version.mjs <database file> <key file> <graph id> <version> > config.json
  Decodes one version with the commands sqlite3 and zstd. Exit codes: 0 decoded, 1 not possible, 2 wrong call.`;

const args = process.argv.slice(2);
if (args.includes('--help') || args.includes('-h')) {
  console.log(USAGE);
  process.exit(0);
}
const [database, keyFile, graphId, version] = args;
if (args.length !== 4 || !/^[0-9a-f-]{36}$/i.test(graphId) || !/^\d+$/.test(version)) {
  console.error(USAGE);
  process.exit(2);
}
for (const file of [database, keyFile]) if (!existsSync(file)) fail(`${file} does not exist.`);
process.on('uncaughtException', (error) => fail(`The version cannot be decoded. ${error.message.trim()}`));

/** Runs a program and returns what it writes. */
function run(program, programArgs, encoding) {
  try {
    return execFileSync(program, programArgs, {
      encoding,
      maxBuffer: 1 << 30,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (error) {
    if (error.code === 'ENOENT') fail(`The program ${program} is missing. Install it, then run this again.`);
    throw new Error(`${program}: ${error.stderr?.toString() || error.message}`, { cause: error });
  }
}

let name = database;

function query(sql) {
  const ask = () => run('sqlite3', ['-readonly', '-json', name, sql], 'utf8');
  let text;
  try {
    text = ask();
  } catch (error) {
    if (name !== database || !/unable to open/.test(error.message) || !isComplete()) throw error;
    // On a read-only disk SQLite cannot create the files that its users share: open it as one that does not change.
    name = `${pathToFileURL(resolve(database)).href}?immutable=1`;
    text = ask();
  }
  return text.trim() === '' ? [] : JSON.parse(text);
}

/** Whether the database has no log, so that its file contains everything. */
function isComplete() {
  const log = `${database}-wal`;
  return !existsSync(log) || statSync(log).size === 0;
}

function open(key, sealed, associated) {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12));
  decipher.setAAD(associated);
  decipher.setAuthTag(sealed.subarray(12, 28));
  return Buffer.concat([decipher.update(sealed.subarray(28)), decipher.final()]);
}

function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}

const hexId = graphId.replaceAll('-', '').toLowerCase();
const [graph] = query(`SELECT user_key, key FROM graphs WHERE id = x'${hexId}'`);
if (!graph) fail('This database has no graph with this id.');
const [wrapped] = query(
  `SELECT hex(user_id) AS user_id, hex(master_id) AS master_id, hex(wrapped) AS wrapped FROM user_keys WHERE user_key = ${graph.user_key}`,
);
if (!wrapped) fail("The owner's data key is not in this database.");
const master = Buffer.from(readFileSync(keyFile, 'utf8').trim(), 'base64');
const masterId = createHmac('sha256', master).update('graphomat-backup master key').digest().subarray(0, 8);
if (masterId.toString('hex') !== wrapped.master_id.toLowerCase())
  fail('This is not the master key that wraps the data key.');
const userId = Buffer.from(wrapped.user_id, 'hex');
const dataKey = open(master, Buffer.from(wrapped.wrapped, 'hex'), userId);

// From the version down to a full frame.
const chain = [];
for (let at = Number(version); at !== null; at = chain.at(-1).base_version) {
  const [row] = query(
    `SELECT version, base_version, config_bytes, hex(config_sha256) AS sha256, hex(frame) AS frame FROM versions
     WHERE user_key = ${graph.user_key} AND graph_key = ${graph.key} AND version = ${at}`,
  );
  if (!row) fail(`The graph has no version ${at}.`);
  if (row.base_version >= at) fail(`Version ${at} is damaged: it is based on a later one.`);
  chain.push(row);
}

// Upward again, each document the dictionary of the next.
const folder = mkdtempSync(join(tmpdir(), 'decode-version-'));
try {
  let config;
  for (const row of chain.reverse()) {
    const numbers = Buffer.alloc(8);
    numbers.writeUInt32BE(row.version, 0);
    numbers.writeUInt32BE(row.base_version ?? 0xffffffff, 4);
    const associated = Buffer.concat([Buffer.of(1), userId, Buffer.from(hexId, 'hex'), numbers]);
    const framePath = join(folder, 'frame.zst');
    writeFileSync(framePath, open(dataKey, Buffer.from(row.frame, 'hex'), associated));
    const dictionary = [];
    if (row.base_version !== null) {
      writeFileSync(join(folder, 'base'), config);
      dictionary.push('-D', join(folder, 'base'));
    }
    config = run('zstd', ['-d', '-c', '--quiet', '--memory=2048MB', ...dictionary, framePath], 'buffer');
  }
  const hash = createHash('sha256').update(config).digest('hex');
  if (hash !== chain.at(-1).sha256.toLowerCase())
    fail('The decoded bytes do not have the hash they were stored with.');
  process.stdout.write(config);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
