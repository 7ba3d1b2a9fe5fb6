import { hasVisible } from './visible';

const BLANKS =
  '\u0020\u0009\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u180e\u2000\u2009\u200b\u200c\u200d\u200e\u2028\u202e\u202f\u205f\u2060\u2064\u2800\u3000\u3164\ufe0f\ufeff\uffa0\u{1d173}\u{e0020}\u{e0100}';

it.each([...BLANKS])('sees nothing in %j', (blank) => {
  expect(hasVisible(blank)).toBe(false);
  expect(hasVisible(`${blank}\u200b${blank}`)).toBe(false);
  expect(hasVisible(`${blank}a`)).toBe(true);
});

it.each(['a', '0', '-', '漢', '한', 'é', '😀', '👩‍👩‍👧', '€', 'ع'])('sees %s', (text) => {
  expect(hasVisible(text)).toBe(true);
});

it('sees nothing in an empty text', () => {
  expect(hasVisible('')).toBe(false);
});
