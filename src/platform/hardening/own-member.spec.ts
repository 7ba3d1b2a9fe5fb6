import { ownMember, setOwnMember } from './own-member';

const NAMES = [...Object.getOwnPropertyNames(Object.prototype), 'a', ''];

describe('members by keys that may be any text', () => {
  it.each(NAMES)('finds no inherited member called "%s"', (name) => {
    expect(ownMember({}, name)).toBeUndefined();
  });

  it.each(NAMES)('sets and finds an own member called "%s", and nothing else', (name) => {
    const object: Record<string, number> = {};
    setOwnMember(object, name, 7);
    expect(Object.entries(object)).toEqual([[name, 7]]);
    expect(ownMember(object, name)).toBe(7);
    expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
  });
});
