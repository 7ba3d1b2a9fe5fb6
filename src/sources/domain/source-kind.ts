/** The kinds of sources, in the order of the numbers they are stored under; a new one goes to the end. */
export const SOURCE_KINDS = [
  'node-red',
  'n8n',
  'grafana',
  'langflow',
  'flowise',
  'comfyui',
  'http',
  'folder',
] as const;
export type SourceKind = (typeof SOURCE_KINDS)[number];

/** The number a kind is stored under. */
export function kindCode(kind: SourceKind): number {
  return SOURCE_KINDS.indexOf(kind);
}

/** The kind of a stored number. Throws for a number that this release does not know. */
export function kindName(code: number): SourceKind {
  const kind = SOURCE_KINDS[code];
  if (!kind) throw new Error(`Unknown number of a kind of source: ${code}.`);
  return kind;
}
