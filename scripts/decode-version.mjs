// Gets one version out of a database file without the service, following docs/backup-format.md: the proof that
// the format is open. Needs the sqlite3 and zstd commands.
//
// node scripts/decode-version.mjs <database file> <key file> <graph id> <version> > config.json
import { execFileSync } from 'node:child_process';
import { createDecipheriv, createHash, createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [database, keyFile, graphId, version] = process.argv.slice(2);
if (!version || !/^[0-9a-f-]{36}$/i.test(graphId) || !/^\d+$/.test(version)) {
  console.error(
    'Usage: node scripts/decode-version.mjs <database file> <key file> <graph id> <version> > config.json',
  );
  process.exit(2);
}

function query(sql) {
  const text = execFileSync('sqlite3', ['-readonly', '-json', database, sql], {
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  });
  return text.trim() === '' ? [] : JSON.parse(text);
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
    config = execFileSync('zstd', ['-d', '-c', '--quiet', '--memory=2048MB', ...dictionary, framePath], {
      maxBuffer: 1 << 30,
    });
  }
  const hash = createHash('sha256').update(config).digest('hex');
  if (hash !== chain.at(-1).sha256.toLowerCase())
    fail('The decoded bytes do not have the hash they were stored with.');
  process.stdout.write(config);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
