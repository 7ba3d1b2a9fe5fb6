import fc from 'fast-check';
import { fileOfVersion, folderOf, nameOfTitle } from './file-names';
import { anyCharacter } from '../../../test/support/any-character';

it('makes a safe name of any title', () => {
  fc.assert(
    fc.property(fc.string({ unit: anyCharacter, maxLength: 300 }), (title) => {
      expect(nameOfTitle(title)).toMatch(/^[a-z0-9](?:[a-z0-9-]{0,64}[a-z0-9])?$/);
    }),
  );
});

it.each([
  ['Order intake (v2)', 'order-intake-v2'],
  ['Ärger über Ölpreis', 'arger-uber-olpreis'],
  ['../../etc/passwd', 'etc-passwd'],
  ['日本語', 'graph'],
  ['NUL', 'graph-nul'],
])('calls %j %s', (title, name) => {
  expect(nameOfTitle(title)).toBe(name);
});

it('tells graphs apart by id, and sorts versions by number', () => {
  expect(folderOf('A', '1')).not.toBe(folderOf('A', '2'));
  expect([fileOfVersion(2), fileOfVersion(10)]).toEqual(['v000002.json', 'v000010.json']);
});
