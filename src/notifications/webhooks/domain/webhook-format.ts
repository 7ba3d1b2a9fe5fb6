/** How messages are written; a format's number is its position. */
export const WEBHOOK_FORMATS = ['standard', 'slack', 'discord', 'ntfy'] as const;
export type WebhookFormat = (typeof WEBHOOK_FORMATS)[number];

export function formatCode(format: WebhookFormat): number {
  return WEBHOOK_FORMATS.indexOf(format);
}

export function formatName(code: number): WebhookFormat {
  return WEBHOOK_FORMATS[code] ?? 'standard';
}
