import { ownMember } from '../../platform/hardening/own-member';
import { hasVisible } from '../../platform/text/visible';
import { ImportFault } from './import-fault';
import { splitArray } from './split-array';

/** A workflow in a file that no export of ours wrote: its title, and which bytes of the file it is. */
export interface DocumentPlace {
  title: string;
  start: number;
  end: number;
}

const TITLE_MAX = 200;
/** Workflows in one file: a list of a million would be imported for hours, and answered with a line for each. */
const DOCUMENTS_MAX = 10_000;
const TOO_MANY = `The file has more than ${DOCUMENTS_MAX} workflows. Split it into several.`;
const UNNAMED = 'Imported graph';

/** A JSON file as one document, named after the file. */
export function wholeDocument(bytes: Uint8Array, file: string | null): DocumentPlace {
  return { title: nameOfFile(file) ?? UNNAMED, start: 0, end: bytes.length };
}

/**
 * The workflows of a JSON file: each item of a list of workflows (n8n's export, Grafana's search results with models), else
 * the file as a whole, such as a Node-RED flow file, which is a list of nodes. The title is the document's own, else the
 * file's name. `value` is what `bytes` say, an object or array.
 */
export function documentPlaces(value: unknown, bytes: Uint8Array, file: string | null): DocumentPlace[] {
  const name = nameOfFile(file);
  if (!Array.isArray(value) || value.length === 0 || !value.every(isWorkflow))
    return [{ ...wholeDocument(bytes, file), ...titled(titleOf(value)) }];
  if (value.length > DOCUMENTS_MAX) throw new ImportFault(TOO_MANY);
  return splitArray(bytes).map((place, index) => ({
    title: titleOf(value[index]) ?? (name === null ? UNNAMED : `${name} ${index + 1}`),
    ...place,
  }));
}

function titled(title: string | undefined): { title?: string } {
  return title === undefined ? {} : { title };
}

/** Whether an item of a list is a workflow of its own and not a node of one. */
function isWorkflow(item: unknown): boolean {
  if (!isObject(item)) return false;
  return ['nodes', 'panels', 'elements'].some((member) => holds(item, member)) || 'dashboard' in item;
}

function holds(item: Readonly<Record<string, unknown>>, member: string): boolean {
  const value = ownMember(item, member);
  return typeof value === 'object' && value !== null;
}

function titleOf(value: unknown): string | undefined {
  if (!isObject(value)) return undefined;
  for (const holder of [value, value['dashboard'], value['spec'], value['metadata']]) {
    if (!isObject(holder)) continue;
    for (const member of ['name', 'title', 'label']) {
      const text = ownMember(holder, member);
      if (typeof text === 'string' && hasVisible(text)) return shortened(text);
    }
  }
  return undefined;
}

function nameOfFile(file: string | null): string | null {
  const name =
    file
      ?.split('/')
      .at(-1)
      ?.replace(/\.json$/i, '') ?? '';
  return hasVisible(name) ? shortened(name) : null;
}

/** As a title may be: no NUL, no half of a surrogate pair, at most 200 characters. */
function shortened(text: string): string {
  return [...text.trim().replaceAll('\0', '').toWellFormed()].slice(0, TITLE_MAX).join('');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
