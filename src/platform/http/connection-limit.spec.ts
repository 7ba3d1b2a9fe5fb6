import { connectionLimit } from './connection-limit';

const limits = (files: string): string =>
  `Limit                     Soft Limit           Hard Limit           Units\nMax open files            ${files}                 4096                 files\n`;

it.each([
  [limits('300'), 172],
  [limits('1024'), 896],
  [limits('1048576'), 10_000],
  [limits('unlimited'), 128],
  [limits('40'), 16],
  ['', 128],
])('leaves descriptors for files and threads: %#', (text, expected) => {
  expect(connectionLimit(text)).toBe(expected);
});
