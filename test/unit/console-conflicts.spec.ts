import { conflictWords } from '../../console/src/screens/graph/conflict-words';

const NAMES = new Map([
  ['a', 'Start'],
  ['a/b', 'Nested'],
  ['__proto__', 'Strange'],
]);
const since = 'was changed again since';

it.each([
  ['title', `The title ${since}`],
  ['/settings/limit', `The part /settings/limit ${since}`],
  ['a', `“Start” ${since}`],
  ['a/position/x', `“Start”: position/x ${since}`],
  ['a/b/data', `“Nested”: data ${since}`],
  ['__proto__/data', `“Strange”: data ${since}`],
  ['ab/data', `ab/data ${since}`],
  ['constructor', `constructor ${since}`],
])('says the conflict %s in words', (field, words) => {
  expect(conflictWords(field, since, NAMES)).toBe(words);
});

it('says the conflict of an edge by the names of its nodes', () => {
  const names = new Map([...NAMES, ['a → b', 'Start › Mail']]);
  expect(conflictWords('a → b', since, names)).toBe(`“Start › Mail” ${since}`);
});
