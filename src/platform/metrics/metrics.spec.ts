import { Metrics } from './metrics';

it('two services in one process have their own metrics, and share those of the process', async () => {
  const [one, two] = [new Metrics(), new Metrics()];
  one.damagedVersions.inc();
  const ofBoth = (name: string) => [one, two].map(({ registry }) => registry.getSingleMetric(name));
  // What measures these is never ended, and would keep each closed service in memory.
  for (const name of [
    'nodejs_gc_duration_seconds',
    'nodejs_eventloop_lag_seconds',
    'process_cpu_seconds_total',
  ]) {
    const [first, second] = ofBoth(name);
    expect([name, first?.constructor.name]).toEqual([
      name,
      expect.stringMatching(/^(Counter|Gauge|Histogram)$/),
    ]);
    expect(first).toBe(second);
  }
  expect(await one.text()).toMatch(/^graphomat_versions_damaged_total 1$/m);
  expect(await two.text()).toMatch(/^graphomat_versions_damaged_total 0$/m);
  expect(await two.text()).toMatch(/^nodejs_eventloop_lag_seconds \d/m);
});
