import { continuationOf, type HistoryState } from './continuation';

/** A version for each word: its config's hash, with `!` a deletion, after `=` its title. */
const history = (text: string): HistoryState[] =>
  text.split(' ').map((word) => {
    const [sha256 = '', title = 'A'] = word.replace('!', '').split('=');
    return { sha256, title, deleted: word.includes('!'), description: null, status: 'draft' };
  });

it.each([
  ['a', 'a b', { kind: 'continues', from: 1 }],
  ['a b', 'a b a', { kind: 'continues', from: 2 }],
  // Only the title or the trash differs: there is more to import although all configs are here.
  ['a', 'a a=B', { kind: 'continues', from: 1 }],
  ['a', 'a a!', { kind: 'continues', from: 1 }],
  ['a b', 'a b', { kind: 'held' }],
  ['a b c', 'a b', { kind: 'held' }],
  ['a a!', 'a', { kind: 'held' }],
  ['b', 'a b', { kind: 'pruned' }],
  ['a c d', 'a b c', { kind: 'pruned' }],
  ['a x', 'a b', { kind: 'differs' }],
  ['a x c', 'a b c', { kind: 'differs' }],
  ['x', 'a', { kind: 'differs' }],
  ['a=B', 'a a=C b', { kind: 'differs' }],
])('%j here and %j in the archive', (here, archived, expected) => {
  expect(continuationOf(history(here), history(archived))).toEqual(expected);
});
