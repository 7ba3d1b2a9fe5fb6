import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Holds 30 MB, then makes 400 MB that live for a while and become garbage; prints the largest heap, MB. */
const WORK = `
const record = (at) => ({ at, text: 'x' + at, more: [at, at + 1, at + 2] });
const held = Array.from({ length: 250_000 }, (_, at) => record(at));
const lately = new Array(100_000);
let most = 0;
for (let at = 0; at < 4_000_000; at += 1) {
  lately[at % lately.length] = record(at);
  if (at % 50_000 === 0) most = Math.max(most, process.memoryUsage().heapUsed);
}
process.stdout.write(String(Math.round(most / 1e6)) + ' ' + held.length);
`;

function mostHeapMb(first: string): number {
  const options = { encoding: 'utf8', maxBuffer: 1_000 } as const;
  return Number.parseInt(execFileSync(process.execPath, ['-e', first + WORK], options), 10);
}

/** These run the compiled file: "npm run build" first. */
it('keeps the garbage in the heap to a part of what is held, and less than V8 by itself', () => {
  const file = join(__dirname, '../../../dist/platform/memory/heap-growth.js');
  const bounded = mostHeapMb(`require(${JSON.stringify(file)}).boundHeapGrowth();`);
  const free = mostHeapMb('');
  expect(bounded).toBeLessThan(free * 0.8);
});
