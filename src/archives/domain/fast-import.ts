/** One version of a graph for a git history. Times are ms since 1970 UTC. */
export interface GitVersion {
  version: number;
  change: string;
  title: string;
  description: string | null;
  label: string | null;
  created_at: number;
  /** The exact bytes; null while the graph was in the trash. */
  config: Uint8Array | null;
}

/** Who is named as author and committer. */
export interface GitAuthor {
  name: string;
  email: string;
}

const BRANCH = 'refs/heads/main';
/** git takes the time zone of a date from the stream; ours are all UTC. */
const UTC = '+0000';

/**
 * One commit of a `git fast-import` stream (git-scm.com/docs/git-fast-import): the graph's file as it was in this version,
 * under `file`, the only file of the tree. A version in the trash has an empty tree.
 */
export function commitOf(version: GitVersion, file: string, author: GitAuthor): Uint8Array[] {
  const when = `${identOf(author)} ${Math.floor(version.created_at / 1000)} ${UTC}`;
  const head = [`commit ${BRANCH}`, `author ${when}`, `committer ${when}`, ''].join('\n');
  const parts = [text(head), ...data(text(messageOf(version))), text('deleteall\n')];
  if (version.config) parts.push(text(`M 100644 inline ${file}\n`), ...data(version.config));
  return [...parts, text('\n')];
}

/** What ends the stream: without it, git can tell that the stream was cut off. */
export const STREAM_END: Uint8Array = Buffer.from('done\n');
/** What begins the stream. */
export const STREAM_BEGIN: Uint8Array = Buffer.from(`feature done\nreset ${BRANCH}\n\n`);

/** Lengths are in bytes, so no content can be taken for a command. */
function data(bytes: Uint8Array): Uint8Array[] {
  return [text(`data ${bytes.byteLength}\n`), bytes, text('\n')];
}

function messageOf({ version, change, title, description, label }: GitVersion): string {
  const lines = [`${oneLine(title)}: ${change}`, '', `Version: ${version}`];
  if (label !== null) lines.push(`Label: ${oneLine(label)}`);
  if (description) lines.push('', description);
  return `${lines.join('\n').replaceAll('\0', '')}\n`;
}

/** git's idents end at `<`, `>` and line ends; these and control characters are left out. */
function identOf({ name, email }: GitAuthor): string {
  return `${identPart(name)} <${identPart(email)}>`;
}

function identPart(value: string): string {
  return value.replace(/[<>\p{Cc}]/gu, '').trim();
}

function oneLine(value: string): string {
  return value.replace(/\p{Cc}+/gu, ' ').trim();
}

function text(value: string): Buffer {
  return Buffer.from(value, 'utf8');
}
