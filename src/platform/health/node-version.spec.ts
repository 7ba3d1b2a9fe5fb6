import { nodeFault } from './node-version';

it.each(['20.19.0', '22.23.3', '24.18.1', '26.10.0', '', 'unknown'])('knows no fault of "%s"', (version) => {
  expect(nodeFault(version)).toBeUndefined();
});

it.each(['24.19.0', '24.21.0', '24.100.3'])('warns of %s', (version) => {
  expect(nodeFault(version)).toMatch(`Node.js ${version} can end this process`);
});
