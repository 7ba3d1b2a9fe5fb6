import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/**
 * Each function is called often enough in its phases that V8 would optimize it. The loop is not: sooner or later, depending
 * on the threads that compile, the functions would become a part of its code.
 */
const WORK = `
const { pauseOptimizing, resumeOptimizing } = require(FILE);
const work = (body) => { for (let n = 0; n < 300_000; n += 1) body(n % 7); };
%NeverOptimizeFunction(work);
work(function before(n) { return n * n + 1; });
pauseOptimizing();
work(function paused(n) { return n * n + 2; });
const both = (n) => n * n + 3;
work(both);
resumeOptimizing();
work(both);
`;

/** Runs the compiled file: "npm run build" first. V8 says when it decides to optimize a function. */
it('V8 optimizes what runs often, not while it is paused, and once it is resumed also what ran before', () => {
  const file = join(__dirname, '../../../dist/platform/memory/optimizing.js');
  const args = ['--allow-natives-syntax', '--trace-opt', '-e', WORK.replace('FILE', JSON.stringify(file))];
  const said = execFileSync(process.execPath, args, { encoding: 'utf8' });
  const names = ['before', 'paused', 'both'].filter((name) => said.includes(`<JSFunction ${name}`));
  expect(names).toEqual(['before', 'both']);
});
