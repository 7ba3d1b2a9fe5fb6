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
