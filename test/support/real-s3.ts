import { randomBytes } from 'node:crypto';
import { openObjectStore } from '../../src/platform/objects/open-object-store';

/**
 * A store that is not ours, to hold the client against: set
 *
 *   TEST_S3_URL=s3://bucket/prefix?endpoint=…&region=…&path_style=true
 *   TEST_S3_ACCESS_KEY_ID=…
 *   TEST_S3_SECRET_ACCESS_KEY=…
 *
 * The bucket must be there. What a test puts is under names of its own below the prefix, and is removed again.
 */
const given = process.env['TEST_S3_URL'];

/** Whether a real store was named. */
export const hasRealS3 = given !== undefined && given !== '';

/** What the service and its tools need to be let in. */
export const realS3Credentials = (): Record<string, string> => ({
  AWS_ACCESS_KEY_ID: process.env['TEST_S3_ACCESS_KEY_ID'] ?? '',
  AWS_SECRET_ACCESS_KEY: process.env['TEST_S3_SECRET_ACCESS_KEY'] ?? '',
});

/** The URL of an empty place in the real store. */
export function realS3Url(): string {
  const url = new URL(given!);
  url.pathname = `${url.pathname.replace(/\/$/, '')}/test-${randomBytes(6).toString('hex')}`;
  return url.toString();
}

/** Removes everything under one of these URLs; the credentials must be in this process' environment. */
export async function emptied(url: string): Promise<void> {
  const store = await openObjectStore(url);
  try {
    const names: string[] = [];
    for await (const { name } of store.list('')) names.push(name);
    for (let from = 0; from < names.length; from += 50)
      await Promise.all(names.slice(from, from + 50).map((name) => store.delete(name)));
  } finally {
    store.close();
  }
}
