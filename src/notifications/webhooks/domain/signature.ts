import { createHmac } from 'node:crypto';

/** Marks secrets, as Standard Webhooks names them. */
const PREFIX = 'whsec_';
/** Bytes of a secret; Standard Webhooks asks for 24 to 64. */
export const SECRET_BYTES = 32;

/** A secret as its owner sees it once. */
export function secretText(secret: Buffer): string {
  return PREFIX + secret.toString('base64');
}

/** The headers of Standard Webhooks (https://www.standardwebhooks.com): one signature for each secret. */
export function signedHeaders(
  { id, seconds, body }: { id: string; seconds: number; body: Buffer },
  secrets: readonly Buffer[],
): Record<string, string> {
  const sign = (secret: Buffer) =>
    `v1,${createHmac('sha256', secret).update(`${id}.${seconds}.`).update(body).digest('base64')}`;
  return {
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': secrets.map(sign).join(' '),
  };
}
