/** Characters of a graph's title. */
const TITLE_MAX = 200;
const INVISIBLE = /^[\s\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]*$/u;

/** A tool's title in a form that a graph can have; the remote id replaces an invisible one. */
export function titleOf(title: string, remoteId: string): string {
  const shown = INVISIBLE.test(title) ? remoteId : title;
  const text = shown.toWellFormed().replaceAll('\0', '').trim();
  return [...text].slice(0, TITLE_MAX).join('') || 'Untitled';
}
