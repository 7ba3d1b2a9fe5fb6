/** No more of a note is read than this, in UTF-16 units. */
const MAX_READ = 2_000;

const BREAKS = /<br\s*\/?>|<\/(?:p|div|li|h[1-6]|tr)>/gi;
const COMMENT = /<!--[^<>]*-->/g;
const TAG =
  /<\/?(?:a|b|blockquote|center|code|details|div|em|font|h[1-6]|hr|i|img|kbd|li|ol|p|pre|s|small|span|strong|sub|summary|sup|table|tbody|td|th|thead|tr|u|ul)\b[^<>]*>/gi;
/** Lines that only draw something: rules, fences, underlines of headings, and those below the head of a table. */
const DRAWN = /^\s*(?:[-*_=](?:\s*[-*_=]){2,}|(?:```|~~~)[^`]*|\|?[\s:|-]*-[\s:|-]*\|[\s:|-]*)$/;
const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&nbsp;', ' '],
  ['&amp;', '&'],
  ['&lt;', '<'],
  ['&gt;', '>'],
  ['&quot;', '"'],
  ['&#39;', "'"],
]);

/** What a reader sees of Markdown, without its marks. Each step takes time linear in the text. */
export function plainMarkdown(text: string): string {
  return text
    .slice(0, MAX_READ)
    .replace(BREAKS, '\n')
    .replace(COMMENT, '')
    .replace(TAG, '')
    .split(/\r?\n/)
    .filter((line) => !DRAWN.test(line))
    .map(plainLine)
    .join('\n');
}

function plainLine(line: string): string {
  return line
    .replace(/^\s*(?:>\s?)+/, '')
    .replace(/^\s*#{1,6}\s+/, '')
    .replace(/^\s*[-*+]\s+(?:\[[ xX]\]\s+)?/, '• ')
    .replace(/!?\[([^[\]]*)\]\([^()]*\)/g, '$1')
    .replace(/(?<!\\)(\*\*|__|~~)(?=\S)([^*_~]+)\1/g, '$2')
    .replace(/(?<![\w*\\])\*(?=\S)([^*]+)\*(?![\w*])/g, '$1')
    .replace(/(?<![\w_\\])_(?=\S)([^_]+)_(?![\w_])/g, '$1')
    .replace(/(?<!\\)(\*\*|~~)(?=\S)([^*~]+)\1/g, '$2')
    .replace(/`([^`]+)`/g, '$1')
    .replace(/&(?:nbsp|amp|lt|gt|quot|#39);/g, (entity) => ENTITIES.get(entity) ?? entity)
    .replace(/\\([\\`*_{}[\]()#+\-.!>~|])/g, '$1');
}
