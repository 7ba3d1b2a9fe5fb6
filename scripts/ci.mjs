// Checks everything, as CI does: `npm run ci`. Shows the output of each step at once. A failed step does not stop the
// others, unless they need its result. The last line counts steps and tests together:
// "N passed, N failed", and "N skipped" where there are any. Exit code 0: nothing failed.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'graphomat-ci-'));
const report = join(folder, 'jest.json');

// Two workers: a test has its own service and often a PostgreSQL server, and CI has two cores.
const JEST = ['node_modules/jest/bin/jest.js', '--ci', '--maxWorkers=2', '--json', `--outputFile=${report}`];

/** `needs`: a step whose result this one needs. */
const STEPS = [
  { name: 'format', command: 'npm', args: ['run', '--silent', 'format:check'] },
  { name: 'lint', command: 'npm', args: ['run', '--silent', 'lint'] },
  { name: 'types', command: 'npm', args: ['run', '--silent', 'types'] },
  { name: 'build', command: 'npm', args: ['run', '--silent', 'build'] },
  // Workers and command line tools are tested as they were built.
  { name: 'tests', command: process.execPath, args: JEST, needs: 'build' },
];

function run({ command, args }) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
    child.once('error', (error) => {
      console.error(error.message);
      resolve(false);
    });
    child.once('close', (code) => resolve(code === 0));
  });
}

/** How many tests passed, failed and were skipped. A file that could not be run counts as a failed test. */
function countTests() {
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, numRuntimeErrorTestSuites } =
      JSON.parse(readFileSync(report, 'utf8'));
    return {
      passed: numPassedTests,
      failed: numFailedTests + numRuntimeErrorTestSuites,
      skipped: numPendingTests + numTodoTests,
    };
  } catch {
    return { passed: 0, failed: 0, skipped: 0 };
  }
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

const results = new Map();
for (const step of STEPS) {
  if (step.needs && results.get(step.needs)?.state !== 'passed') {
    results.set(step.name, { state: 'skipped', seconds: 0 });
    continue;
  }
  console.log(`\n── ${step.name} ${'─'.repeat(70 - step.name.length)}`);
  const started = process.hrtime.bigint();
  const passed = await run(step);
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  results.set(step.name, { state: passed ? 'passed' : 'failed', seconds });
}

const tests = countTests();
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
process.exitCode = states.every((state) => state === 'passed') && tests.failed === 0 ? 0 : 1;
const skipped = count('skipped');
console.log(
  `${count('passed')} passed, ${count('failed')} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`,
);
