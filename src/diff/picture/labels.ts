/** No label is read further than this, in UTF-16 units: names may be megabytes long. */
const MAX_READ = 200;

/** Rough advance widths in em, those of a wide sans-serif (DejaVu Sans), so that no text leaves its box. */
const NARROW = 0.38;
const COMMON = 0.62;
const CAPITAL = 0.74;
const BROAD = 0.98;
const FULL = 1.05;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/**
 * Text safe in XML and honest to the eye: control characters, lone surrogates, characters that XML 1.0 forbids
 * and those that turn the direction of writing or hide themselves become U+FFFD; white space becomes a space.
 * At most {@link MAX_READ} units are kept. Not escaped yet: see {@link escapeXml}.
 */
export function plainLabel(text: string): string {
  return text
    .slice(0, MAX_READ)
    .toWellFormed()
    .replace(/\s+/g, ' ')
    .replace(/[\p{Cc}\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufffe\uffff]/gu, '\ufffd')
    .trim();
}

/** Escapes text for XML content and for attributes in double quotes. */
export function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** The text, cut with an ellipsis at a whole character so that it takes at most `width` at `fontSize`. */
export function fitLabel(text: string, width: number, fontSize: number): string {
  const label = plainLabel(text);
  if (widthOf(label, fontSize) <= width) return label;
  let fitted = '';
  let used = COMMON * fontSize;
  for (const piece of pieces(label)) {
    used += pieceWidth(piece) * fontSize;
    if (used > width) break;
    fitted += piece;
  }
  return `${fitted.trimEnd()}…`;
}

/** About how wide the text is, in the unit of `fontSize`. */
export function widthOf(label: string, fontSize: number): number {
  let width = 0;
  for (const piece of pieces(label)) width += pieceWidth(piece);
  return width * fontSize;
}

function pieces(label: string): Iterable<string> {
  if (/^[ -~]*$/.test(label)) return label;
  return Array.from(graphemes.segment(label), ({ segment }) => segment);
}

function pieceWidth(piece: string): number {
  if (/^[iljtfrI1.,:;'|!()[\] -]$/.test(piece)) return NARROW;
  if (/^[mwMW@%&]$/.test(piece)) return BROAD;
  if (/^[A-Z_#+=<>~]$/.test(piece)) return CAPITAL;
  return (piece.codePointAt(0) ?? 0) < 0x1100 ? COMMON : FULL;
}
