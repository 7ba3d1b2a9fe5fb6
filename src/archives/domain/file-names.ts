/** Longest part of a file name that is taken from a title, in characters. */
const NAME_MAX = 60;
/** What a title without a usable character is called. */
const UNNAMED = 'graph';

/**
 * A file name made of a title: lower-case ASCII letters, digits and dashes. It is never empty, a path, a hidden file or a
 * device name of Windows, whatever the title holds. Different titles may give the same name.
 */
export function nameOfTitle(title: string): string {
  const name = title
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, NAME_MAX)
    .replace(/^-+|-+$/g, '');
  return name === '' || /^(con|prn|aux|nul|com\d|lpt\d)$/.test(name)
    ? [UNNAMED, name].filter(Boolean).join('-')
    : name;
}

/** The folder of a graph in an archive: its title for people, its id so that no two are equal. */
export function folderOf(title: string, id: string): string {
  return `graphs/${nameOfTitle(title)}-${id}`;
}

/** The file of a version in its graph's folder; sorts by number up to a million versions. */
export function fileOfVersion(version: number): string {
  return `v${String(version).padStart(6, '0')}.json`;
}
