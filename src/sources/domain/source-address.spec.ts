import { normalAddress, normalFolder } from './source-address';

it.each([
  ['HTTP://Tool.Example:80/', 'http://tool.example'],
  [' https://tool.example:8443//  ', 'https://tool.example:8443'],
  ['https://tool.example/red/', 'https://tool.example/red'],
  // As it is in the address bar of a browser that shows the editor.
  ['http://127.0.0.1:1880/#flow/5c1?x', 'http://127.0.0.1:1880'],
  ['http://127.0.0.1:1880/#', 'http://127.0.0.1:1880'],
])('the address %s is %s', (text, expected) => {
  expect(normalAddress(text)).toBe(expected);
});

it.each([
  ['127.0.0.1:1880', /must begin with https:/],
  ['localhost:1880', /must begin with https:/],
  ['file:///etc', /must begin with https:/],
  ['', /must begin with https:/],
  ['http://me:secret@tool.example', /send them as credentials/],
  ['http://tool.example/?key=secret', /must not contain "\?"/],
  ['http://tool.example/?', /must not contain "\?"/],
  [`http://tool.example/${'x'.repeat(2_000)}`, /at most 2000 characters/],
])('the address %s is refused', (text, expected) => {
  expect(() => normalAddress(text)).toThrow(expected);
  expect(() => normalAddress(text)).not.toThrow(/secret/);
});

it.each([
  ['/data//flows/./', '/data/flows'],
  ['/', '/'],
])('the folder %s is %s', (text, expected) => {
  expect(normalFolder(text)).toBe(expected);
});

it.each(['data', '', '/data/../etc', '/data\0', `/${'x'.repeat(2_000)}`])(
  'the folder %j is refused',
  (text) => {
    expect(() => normalFolder(text)).toThrow(/^must/);
  },
);
