import { diffConfigs } from '../../src/diff/diff-configs';
import { drawDiff, drawGraph } from '../../src/diff/picture/draw';
import { changedBuiltins } from '../support/builtins';
import { HOSTILE_NAMES, hostileGraphs } from '../support/hostile-names';

const CASES = HOSTILE_NAMES.flatMap((name) =>
  [...hostileGraphs(name)].map(([dialect, text]) => [dialect, name, text] as const),
);
const HARMLESS = hostileGraphs('harmless');
const PLAIN = Buffer.from('{"nodes":[{"id":"1","data":{}},{"id":"2","data":{}}],"edges":[]}');

const builtins = changedBuiltins();

it.each(CASES)(
  'draws and compares %s with everything called "%s", and no built-in changes',
  (dialect, _name, text) => {
    const config = Buffer.from(text);
    const other = Buffer.from(HARMLESS.get(dialect) ?? '{}');
    const before = [drawGraph(PLAIN), JSON.stringify(diffConfigs(PLAIN, PLAIN))];
    expect(drawGraph(config)).toMatch(/^<svg [^]*<\/svg>\s*$/);
    expect(drawDiff(config, other)).toMatch(/^<svg [^]*<\/svg>\s*$/);
    expect(drawDiff(other, config)).toMatch(/^<svg [^]*<\/svg>\s*$/);
    diffConfigs(config, other);
    diffConfigs(other, config);
    expect(changedBuiltins()).toEqual(builtins);
    expect([drawGraph(PLAIN), JSON.stringify(diffConfigs(PLAIN, PLAIN))]).toEqual(before);
  },
);
