/** A file in a mail. */
export interface Attachment {
  filename: string;
  contentType: string;
  content: Buffer;
}

/** The text of a mail, in both forms. */
export interface Letter {
  subject: string;
  text: string;
  html: string;
  attachments?: readonly Attachment[];
  /** The address for unsubscribing with one click (RFC 8058). */
  unsubscribe?: string;
}

/** A letter to an address. */
export interface AddressedLetter extends Letter {
  to: string;
}

/** A header that would end early and begin another one, or an address that is none. */
export class UnsendableMailError extends Error {
  constructor(readonly part: 'recipient' | 'subject' | 'link') {
    super(`The mail cannot be sent: its ${part} has control characters, or is empty or too long.`);
    this.name = 'UnsendableMailError';
  }
}

/** Octets of a line of a header at most (RFC 5322, 2.1.1). */
const LINE_MAX = 998;
const CONTROL = /\p{Cc}/u;

/** Returns the letter if nothing in it can break out of its header. Throws UnsendableMailError. */
export function checkedLetter<L extends AddressedLetter>(letter: L): L {
  check('recipient', letter.to);
  if (!letter.to.includes('@')) throw new UnsendableMailError('recipient');
  check('subject', letter.subject);
  if (letter.unsubscribe !== undefined) check('link', letter.unsubscribe);
  return letter;
}

function check(part: UnsendableMailError['part'], value: string): void {
  if (value === '' || value.length > LINE_MAX || CONTROL.test(value)) throw new UnsendableMailError(part);
}

const TITLE_MAX = 120;

/** A title on one line, for texts and subjects: white space and control characters become one space. */
export function oneLine(text: string, max = TITLE_MAX): string {
  const line = text.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  const characters = [...line];
  return characters.length > max ? `${characters.slice(0, max - 1).join('')}…` : line;
}

const ENTITIES = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
]);

/** Text for HTML, also inside quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES.get(character)!);
}

/** A paragraph of a mail: text, or a link with its own line. */
export type Paragraph = string | { link: string; label: string };

/** Both forms of a letter from its paragraphs. `footer` is smaller. */
export function compose(paragraphs: readonly Paragraph[], footer: string): Pick<Letter, 'text' | 'html'> {
  const text = paragraphs.map((part) => (typeof part === 'string' ? part : part.link)).join('\n\n');
  const body = paragraphs.map(htmlOf).join('\n');
  return {
    text: `${text}\n\n-- \n${footer}\n`,
    html: `<!doctype html>
<html lang="en"><body style="font-family:system-ui,sans-serif;font-size:15px;line-height:1.5;color:#1c2024;max-width:36em">
${body}
<p style="font-size:13px;color:#60646c">${withBreaks(footer)}</p>
</body></html>
`,
  };
}

function htmlOf(part: Paragraph): string {
  if (typeof part === 'string') return `<p>${withBreaks(part)}</p>`;
  return `<p><a href="${escapeHtml(part.link)}">${escapeHtml(part.label)}</a></p>`;
}

function withBreaks(text: string): string {
  return escapeHtml(text).replaceAll('\n', '<br>');
}
