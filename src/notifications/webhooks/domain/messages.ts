import { toIso } from '../../../platform/clock/instant';
import type { WebhookFormat } from './webhook-format';

/** An event as messages describe it. */
export interface Told {
  type: string;
  /** Milliseconds since the epoch. */
  at: number;
  /** For programs. */
  data: Readonly<Record<string, unknown>>;
  /** One sentence for people, plain text of a user in it. */
  sentence: string;
  /** More lines for people: the text of the difference. Null without any. */
  text: string | null;
  /** Where to look at it in the console; null if its address is not known. */
  link: string | null;
}

/** A message, ready to be signed. */
export interface Message {
  /** `webhook-id`: the same whenever the same event is sent again. */
  id: string;
  headers: Readonly<Record<string, string>>;
  body: Buffer;
}

/** Characters of the text of a difference in a chat. Discord takes 2,000 in all. */
const TEXT_MAX = 1_500;
/** Bytes that ntfy shows as a message; it takes 4,096. */
const NTFY_BYTES = 3_500;
const JSON_TYPE = 'application/json';

/** Writes an event in a format. */
export function messageOf(format: WebhookFormat, id: string, told: Told): Message {
  return { id, ...WRITERS[format](told) };
}

type Writer = (told: Told) => Omit<Message, 'id'>;

const WRITERS: Readonly<Record<WebhookFormat, Writer>> = {
  standard: ({ type, at, data }) => json({ type, timestamp: toIso(at), data }),
  slack: (told) => json({ text: linesOf(told, slackText, (link) => `<${link}|Open>`), unfurl_links: false }),
  discord: (told) =>
    json({ content: linesOf(told, discordText, (link) => link), allowed_mentions: { parse: [] } }),
  ntfy: (told) => ({
    headers: { 'content-type': 'text/plain; charset=utf-8', title: 'GraphOMAT Backup' },
    body: cutBytes([told.sentence, told.text?.trimEnd(), told.link].filter(Boolean).join('\n'), NTFY_BYTES),
  }),
};

function json(value: unknown): Omit<Message, 'id'> {
  return { headers: { 'content-type': JSON_TYPE }, body: Buffer.from(JSON.stringify(value)) };
}

/** The sentence, the text as a block, and the link. */
function linesOf(
  { sentence, text, link }: Told,
  escape: (text: string) => string,
  spellLink: (link: string) => string,
): string {
  const block =
    text === null ? null : `\`\`\`\n${blockOf(text, escape === slackText ? slackText : String)}\n\`\`\``;
  return [escape(sentence), block, link && spellLink(link)].filter((line) => line !== null).join('\n');
}

/** Nothing in the text can end the block. */
function blockOf(text: string, escape: (text: string) => string): string {
  return escape(cut(text.trimEnd(), TEXT_MAX).replaceAll('`', '´'));
}

/** Slack reads &, < and > as control characters, and * _ ~ ` as formatting. */
function slackText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function discordText(text: string): string {
  return text.replace(/[\\*_~|>#@[\]()`<:-]/g, '\\$&');
}

function cut(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 2).toWellFormed()} …`;
}

function cutBytes(text: string, max: number): Buffer {
  const bytes = Buffer.from(text);
  if (bytes.length <= max) return bytes;
  // A character that was cut in the middle becomes U+FFFD, which is dropped.
  const kept = bytes
    .subarray(0, max - 4)
    .toString('utf8')
    .replace(/\ufffd+$/, '');
  return Buffer.from(`${kept} …`);
}
