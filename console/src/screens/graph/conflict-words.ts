const FIELDS: Readonly<Record<string, string>> = {
  title: 'The title',
  description: 'The description',
  status: 'The status',
};

/**
 * A conflict of a revert in words: `“Send”: position/x was changed again since`. `field` is a field of the graph, a JSON
 * pointer, or a node's id, with or without a member behind it.
 */
export function conflictWords(field: string, message: string, names: ReadonlyMap<string, string>): string {
  if (Object.hasOwn(FIELDS, field)) return `${FIELDS[field]} ${message}`;
  if (field.startsWith('/')) return `The part ${field} ${message}`;
  // The longest id that fits: ids may contain slashes.
  const id = [...names.keys()]
    .filter((one) => field === one || field.startsWith(`${one}/`))
    .sort((one, other) => other.length - one.length)[0];
  if (id === undefined) return `${field} ${message}`;
  const member = field.slice(id.length + 1);
  return member === '' ? `“${names.get(id)}” ${message}` : `“${names.get(id)}”: ${member} ${message}`;
}
