// Checks everything, as CI does: `npm run ci`. Steps that need no other step run at the same time, in two lanes; the
// output of a step is shown whole when it has ended, that of the tests at once. A failed step does not stop the others,
// unless they need its result. The last line counts steps and tests together: "N passed, N failed", and "N skipped"
// where there are any. Exit code 0: nothing failed; a spec file that failed and then passed alone is listed.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'graphomat-ci-'));
const report = join(folder, 'jest.json');
const secondReport = join(folder, 'jest-again.json');

// Two workers more than cores: fault tests mostly wait. Each worker holds up to 1 GB, and the tests' PostgreSQL has room
// for five.
const WORKERS = Math.min(availableParallelism() + 2, 4);
const jest = (workers, outputFile, ...more) => [
  ...['node_modules/jest/bin/jest.js', '--ci', `--maxWorkers=${workers}`],
  ...['--json', `--outputFile=${outputFile}`, ...more],
];
// Up to this number of spec files that fail run once more, alone (decision 0053). More of them are no accident.
const FILES_AGAIN = 5;

const npmRun = (name, script = name) => ({ name, command: 'npm', args: ['run', '--silent', script] });
// Workers and command line tools are tested as they were built.
const TESTS = { name: 'tests', command: process.execPath, args: jest(WORKERS, report) };
const LANES = [
  [npmRun('build'), TESTS],
  [npmRun('lint'), npmRun('types'), npmRun('format', 'format:check')],
];

const results = new Map();

/** Runs a step to its end; `shown` at once, or else when it has ended. */
async function run({ name, command, args }, shown) {
  const begun = process.hrtime.bigint();
  const title = `\n── ${name} ${'─'.repeat(70 - name.length)}\n`;
  const parts = [];
  if (shown) process.stdout.write(title);
  const passed = await new Promise((resolve) => {
    const output = shown ? 'inherit' : 'pipe';
    const child = spawn(command, args, { stdio: ['ignore', output, output] });
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (part) => parts.push(part));
    child.once('error', (error) => {
      console.error(error.message);
      resolve(false);
    });
    child.once('close', (code) => resolve(code === 0));
  });
  if (!shown) process.stdout.write(title + Buffer.concat(parts).toString());
  const seconds = Number(process.hrtime.bigint() - begun) / 1e9;
  results.set(name, { state: passed ? 'passed' : 'failed', seconds });
}

/** Runs one step after the other; after a failed build there is nothing to test. */
async function runLane(steps) {
  for (const step of steps) {
    if (step === TESTS && results.get('build').state === 'failed')
      results.set(step.name, { state: 'skipped', seconds: 0 });
    else await run(step, step === TESTS);
  }
}

const NONE = { passed: 0, failed: 0, skipped: 0, failedFiles: [] };

/** How many tests passed, failed and were skipped. A file that could not be run counts as a failed test. */
function countTests(file) {
  try {
    const { testResults, ...totals } = JSON.parse(readFileSync(file, 'utf8'));
    return {
      passed: totals.numPassedTests,
      failed: totals.numFailedTests + totals.numRuntimeErrorTestSuites,
      skipped: totals.numPendingTests + totals.numTodoTests,
      failedFiles: [
        ...new Set(testResults.filter(({ status }) => status === 'failed').map(({ name }) => name)),
      ],
    };
  } catch {
    return NONE;
  }
}

/** Runs the files that failed once more, alone. Returns the counts with what that run found, and those files. */
async function countWithSecondRun() {
  const first = countTests(report);
  const files = first.failedFiles;
  if (files.length === 0 || files.length > FILES_AGAIN) return { ...first, again: [] };
  await run(
    { name: 'again', command: process.execPath, args: jest(1, secondReport, '--runTestsByPath', ...files) },
    true,
  );
  const second = countTests(secondReport);
  // Nothing that ran is no proof.
  if (second.passed === 0) return { ...first, again: [] };
  if (second.failed === 0) results.get(TESTS.name).state = 'passed';
  const again = files.filter((file) => !second.failedFiles.includes(file));
  const passedLater = Math.max(first.failed - second.failed, 0);
  return { ...first, passed: first.passed + passedLater, failed: first.failed - passedLater, again };
}

/** The ten spec files that took longest, each with its seconds. */
function slowestFiles() {
  try {
    const { testResults } = JSON.parse(readFileSync(report, 'utf8'));
    return testResults
      .map(({ name, startTime, endTime }) => ({
        file: relative(process.cwd(), name),
        seconds: (endTime - startTime) / 1000,
      }))
      .sort((a, b) => b.seconds - a.seconds)
      .slice(0, 10);
  } catch {
    return [];
  }
}

await Promise.all(LANES.map(runLane));

const tests =
  results.get(TESTS.name).state === 'skipped' ? { ...NONE, again: [] } : await countWithSecondRun();
const slowest = slowestFiles();
rmSync(folder, { recursive: true, force: true });
const states = [...results.values()].map(({ state }) => state);
const count = (state) => states.filter((other) => other === state).length + tests[state];

console.log(`\n── summary ${'─'.repeat(63)}`);
for (const [name, { state, seconds }] of results) {
  const what =
    name === 'tests' ? `  ${tests.passed} passed, ${tests.failed} failed, ${tests.skipped} skipped` : '';
  console.log(`${name.padEnd(8)} ${state.padEnd(8)} ${seconds.toFixed(1).padStart(7)} s${what}`);
}
if (slowest.length > 0) console.log('\nspec files that took longest:');
for (const { file, seconds } of slowest) console.log(`${seconds.toFixed(1).padStart(7)} s  ${file}`);
if (tests.again.length > 0)
  console.log('\nfailed once, and passed when they ran again alone (make them robust):');
for (const file of tests.again) console.log(`           ${relative(process.cwd(), file)}`);
process.exitCode = states.every((state) => state === 'passed') && tests.failed === 0 ? 0 : 1;
const skipped = count('skipped');
console.log(
  `${count('passed')} passed, ${count('failed')} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`,
);
