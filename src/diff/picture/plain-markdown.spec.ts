import { plainMarkdown } from './plain-markdown';

describe('plainMarkdown', () => {
  it.each([
    ['# A #b', 'A #b'],
    ['- [x] done\n* *open*', '• done\n• open'],
    ['> **bold _both_** text', 'bold both text'],
    ['a_snake_case `x` 2 * 3 * 4', 'a_snake_case x 2 * 3 * 4'],
    ['![logo](a.png) \\*kept\\*', 'logo *kept*'],
    ['a<br>b <b>c</b> <your key> 1 < 2 > 0', 'a\nb c <your key> 1 < 2 > 0'],
    ['Head\n====\n```js\ncode\n```\n---', 'Head\ncode'],
    ['| a | b |\n|---|---|\n| 1 | 2 |', '| a | b |\n| 1 | 2 |'],
  ])('%j reads %j', (text, plain) => {
    expect(plainMarkdown(text)).toBe(plain);
  });

  it('takes no more time for text made to be slow', () => {
    for (const part of ['*', '_', '[', '<a', '**a', '- ', '|', '`', '\\', '![('])
      expect(plainMarkdown(part.repeat(5_000)).length).toBeLessThanOrEqual(2_500);
  });
});
