import type { TestApp } from './app';

/** One line of `GET /metrics`. */
export interface Sample {
  name: string;
  labels: string;
  value: number;
}

/** Everything that `GET /metrics` says now. */
export async function samplesOf(app: TestApp): Promise<Sample[]> {
  const { text } = await app.anonymous.get('/metrics');
  return text.split('\n').flatMap((line) => {
    const found = /^([a-z_0-9]+)(?:\{(.*)\})? (\S+)$/i.exec(line);
    return found ? [{ name: found[1]!, labels: found[2] ?? '', value: Number(found[3]) }] : [];
  });
}

/** One metric's value, all its series with these labels added up; null when there is none. */
export async function metricValue(app: TestApp, name: string, labels = ''): Promise<number | null> {
  const series = (await samplesOf(app)).filter((one) => one.name === name && one.labels.includes(labels));
  return series.length === 0 ? null : series.reduce((sum, { value }) => sum + value, 0);
}

/** The value of `name{label="x",…}` among samples, all series with these labels added up; null when there is none. */
export function valueIn(samples: readonly Sample[], metric: string): number | null {
  const [, name, labels = ''] = /^(\w+)(?:\{(.*)\})?$/.exec(metric)!;
  const wanted = labels === '' ? [] : labels.split(',');
  const series = samples.filter(
    (one) => one.name === name && wanted.every((label) => one.labels.split(',').includes(label)),
  );
  return series.length === 0 ? null : series.reduce((sum, { value }) => sum + value, 0);
}

/** The names of all metrics in Prometheus' text, those without any series too. */
export function namesOf(text: string): string[] {
  return [...text.matchAll(/^# TYPE (\w+) /gm)].map(([, name]) => name!);
}
