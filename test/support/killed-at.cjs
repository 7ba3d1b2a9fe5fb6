/**
 * Loaded with `--require` before the service or a tool: kills its process with SIGKILL right before the KILLED_AT-th
 * statement that writes or commits. Counting begins with the first statement that contains KILLED_FROM, else at once.
 * With KILLED_JOBS (comma-separated ids, or nothing) no job runs by its schedule; SIGUSR2 begins the count and runs these
 * jobs one after the other, and `ran <statements>` is printed when all of them have ended. With KILLED_WITH=SIGSTOP the process
 * stops there, after it has printed `stopped`, until SIGCONT. With KILLED_FILES=<folder> each change of a file name in
 * that folder counts too, as a statement `LINK <name>`, `RENAME <name> TO <name>` or `REMOVE <name>`; names are relative
 * to the folder. With KILLED_WRITES each write to an open file and each fsync counts as well. A process that is not
 * killed prints `counted <statements>` when it ends, or is asked by SIGUSR2.
 *
 * Classes of the service are changed once it has loaded them from its bundle, and before it awaits anything: to load them
 * here, from single files, would take 0.2 s of CPU time.
 */
const fs = require('node:fs');
const { writeSync } = fs;
const { join, relative } = require('node:path');
const { setTimeout: wait } = require('node:timers/promises');
const { isMainThread } = require('node:worker_threads');

const { KILLED_AT, KILLED_FILES, KILLED_FROM, KILLED_JOBS, KILLED_WRITES } = process.env;
const { KILLED_WITH = 'SIGKILL' } = process.env;
const WRITES = /^\s*(INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|WITH|COMMIT|RELEASE|LINK|RENAME|REMOVE|WRITE)\b/i;
let counting = !KILLED_FROM && !KILLED_JOBS;
let statements = 0;

/** A line of its own, also when the log has written a part of its line, or the reader is late. */
function say(text) {
  for (;;) {
    try {
      return writeSync(1, `\n${text}\n`);
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}

function beforeStatement(sql) {
  if (KILLED_FROM && sql.includes(KILLED_FROM)) counting = true;
  if (!counting || !WRITES.test(sql)) return;
  statements += 1;
  if (statements !== Number(KILLED_AT)) return;
  if (KILLED_WITH === 'SIGSTOP') say('stopped');
  process.kill(process.pid, KILLED_WITH);
}

function wrap(prototype, method, textOf) {
  const original = prototype[method];
  prototype[method] = function (...args) {
    beforeStatement(textOf(this, args));
    return original.apply(this, args);
  };
}

function watchSqlite() {
  const Sqlite = require('better-sqlite3');
  const database = new Sqlite(':memory:');
  const Statement = Object.getPrototypeOf(database.prepare('SELECT 1'));
  database.close();
  for (const method of ['run', 'get', 'all', 'iterate']) wrap(Statement, method, ({ source }) => source);
  wrap(Sqlite.prototype, 'exec', (_, [sql]) => sql);
}

function watchPostgres() {
  const { Query } = require('pg');
  wrap(Query.prototype, 'submit', ({ text }) => text);
}

function watchFiles() {
  const nameOf = (path) => relative(KILLED_FILES, String(path));
  const steps = {
    link: ([, to]) => `LINK ${nameOf(to)}`,
    rename: ([from, to]) => `RENAME ${nameOf(from)} TO ${nameOf(to)}`,
    rm: ([path]) => `REMOVE ${nameOf(path)}`,
  };
  for (const [name, textOf] of Object.entries(steps)) {
    wrap(fs, `${name}Sync`, (_, args) => textOf(args));
    wrap(fs.promises, name, (_, args) => textOf(args));
  }
}

function watchWrites() {
  const { open } = fs.promises;
  fs.promises.open = async (...args) => {
    const file = await open(...args);
    for (const method of ['write', 'sync']) wrap(file, method, () => 'WRITE');
    return file;
  };
}

/** A module of the service's jobs. */
function jobs(file) {
  require('reflect-metadata');
  return require(join(__dirname, '..', '..', 'dist', 'platform', 'jobs', file));
}

function stopSchedule() {
  jobs('job-scheduler.js').JobScheduler.prototype.start = () => undefined;
}

function runJobsOnSignal() {
  const { JobRunner } = jobs('job-runner.js');
  let runner;
  const { register } = JobRunner.prototype;
  JobRunner.prototype.register = function (job) {
    runner = this;
    return register.call(this, job);
  };
  process.on('SIGUSR2', async () => {
    counting = true;
    for (const id of KILLED_JOBS.split(',')) await endOf(runner, id);
    say(`ran ${statements}`);
  });
}

/** Another process may hold the lease of the job. */
async function endOf(runner, id) {
  for (;;) {
    const run = await runner.trigger(id).catch(() => wait(20));
    if (run) return run.ended;
  }
}

/** A driver of its own takes a while to load. */
const usesPostgres = [process.env.DATABASE_URL, ...process.argv].some((text) => /^postgres/.test(text));

if (isMainThread) {
  watchSqlite();
  if (usesPostgres) watchPostgres();
  if (KILLED_FILES) watchFiles();
  if (KILLED_WRITES) watchWrites();
  const sayCount = () => say(`counted ${statements}`);
  process.on('exit', sayCount);
  if (!KILLED_JOBS) process.on('SIGUSR2', sayCount);
  process.nextTick(() => {
    if (KILLED_JOBS !== undefined) stopSchedule();
    if (KILLED_JOBS) runJobsOnSignal();
  });
} else if (KILLED_FROM) {
  // On SQLite migrations run in a thread, which counts its own statements.
  watchSqlite();
}
