import { ownMember } from '../../platform/hardening/own-member';
import { splitArray } from './split-array';

/** A workflow in a file that no export of ours wrote. */
export interface PlainDocument {
  title: string;
  config: Buffer;
}

const TITLE_MAX = 200;
/** A letter, number, mark of punctuation or symbol. */
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u;
const UNNAMED = 'Imported graph';

/**
 * The workflows of a JSON file: each item of a list of workflows (n8n's export, Grafana's search results with models), else
 * the file as a whole, such as a Node-RED flow file, which is a list of nodes. The title is the document's own, else the
 * file's name. `bytes` must be well-formed JSON, an object or array.
 */
export function documentsOf(bytes: Buffer, file: string | null): PlainDocument[] {
  const name = nameOfFile(file);
  const value = JSON.parse(bytes.toString('utf8')) as unknown;
  if (!Array.isArray(value) || value.length === 0 || !value.every(isWorkflow))
    return [{ title: titleOf(value) ?? name ?? UNNAMED, config: bytes }];
  return splitArray(bytes).map((config, index) => ({
    title: titleOf(value[index]) ?? (name === null ? UNNAMED : `${name} ${index + 1}`),
    config,
  }));
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
      if (typeof text === 'string' && VISIBLE.test(text)) return shortened(text);
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
  return VISIBLE.test(name) ? shortened(name) : null;
}

/** As a title may be: no NUL, no half of a surrogate pair, at most 200 characters. */
function shortened(text: string): string {
  return [...text.trim().replaceAll('\0', '').toWellFormed()].slice(0, TITLE_MAX).join('');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
