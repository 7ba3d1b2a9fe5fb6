/** White space, control and format characters (zero width space, joiners, marks of direction), and blank fillers. */
const INVISIBLE = /^[\s\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]*$/u;

/** Whether a text has a character that can be seen: what people tell things apart by needs one. */
export function hasVisible(text: string): boolean {
  return !INVISIBLE.test(text);
}
