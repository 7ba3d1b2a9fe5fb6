import { load } from 'js-yaml';
import {
  elementsOf,
  isArray,
  membersOf,
  wholeValue,
  type CutPath,
  type Span,
} from '../../domain/json-slices';

/** References that are followed one after the other: a description may refer to itself. */
const REFERENCES_MAX = 10;
/** Different fields that are named as refused, at most. */
const REFUSED_MAX = 50;

/** What a schema of OpenAPI says of a value; unchecked, it is what a foreign server sent. */
interface Schema {
  $ref?: unknown;
  readOnly?: unknown;
  additionalProperties?: unknown;
  properties?: unknown;
  items?: unknown;
}

type Lines = readonly string[];

/**
 * What an n8n says of itself: its `openapi.yml`, by which it checks requests, too. The file has up to 750 KB, which
 * take a parser a fifth of a second; only the parts that matter are parsed, found by their indentation.
 */
export class N8nDescription {
  private readonly lines: Lines;
  private readonly schemas = new Map<string, Schema | undefined>();

  constructor(yaml: Buffer) {
    this.lines = yaml.toString('utf8').split(/\r?\n/);
  }

  /**
   * The members of a workflow that this n8n refuses in a request: those that it does not know where it knows all it
   * takes, and those that are only read. None if the description does not say.
   */
  refused(workflow: Buffer, method: 'PUT' | 'POST'): CutPath[] {
    const schema = this.bodyOf(method);
    if (!schema) return [];
    const found = new Map<string, CutPath>();
    for (const path of this.refusals(workflow, wholeValue(workflow), schema, [])) {
      found.set(JSON.stringify(path), path);
      if (found.size >= REFUSED_MAX) break;
    }
    return [...found.values()];
  }

  /** The schema of the body that writes a workflow. */
  private bodyOf(method: 'PUT' | 'POST'): Schema | undefined {
    const path = method === 'PUT' ? /^\/workflows\/\{[^/{}]+\}$/ : /^\/workflows$/;
    const operation = below(below(this.lines, /^paths$/), path, method === 'PUT' ? /^put$/ : /^post$/);
    const body = parsed(below(operation, /^requestBody$/));
    return this.resolved(memberOf(body, 'content', 'application/json', 'schema'));
  }

  private *refusals(bytes: Buffer, value: Span, schema: Schema, path: CutPath): Generator<CutPath> {
    if (isArray(bytes, value.start)) {
      const items = this.resolved(schema.items);
      if (!items) return;
      for (const element of elementsOf(bytes, value.start))
        yield* this.refusals(bytes, element, items, [...path, '*']);
      return;
    }
    if (!isMapping(schema.properties)) return;
    for (const member of membersOf(bytes, value.start)) {
      const known = this.resolved(memberOf(schema.properties, member.key));
      const here = [...path, member.key];
      if (known ? known.readOnly === true : schema.additionalProperties === false) yield here;
      else if (known) yield* this.refusals(bytes, member, known, here);
    }
  }

  private resolved(schema: unknown): Schema | undefined {
    let found: unknown = schema;
    for (let count = 0; count < REFERENCES_MAX; count += 1) {
      if (!isMapping(found)) return undefined;
      const { $ref: reference } = found as Schema;
      if (typeof reference !== 'string') return found;
      const name = /^#\/components\/schemas\/([\w.-]+)$/.exec(reference)?.[1];
      found = name === undefined ? undefined : this.schema(name);
    }
    return undefined;
  }

  private schema(name: string): Schema | undefined {
    if (!this.schemas.has(name)) {
      const all = below(this.lines, /^components$/, /^schemas$/);
      this.schemas.set(name, parsed(below(all, new RegExp(`^${name.replaceAll('.', '\\.')}$`))) as Schema);
    }
    return this.schemas.get(name);
  }
}

/** The lines of a mapping in block style that belong to the first of its keys that matches, and so on in that one. */
function below(lines: Lines, ...keys: readonly RegExp[]): Lines {
  const [key, ...deeper] = keys;
  if (!key) return lines;
  const indent = indentOf(lines.find((line) => line.trim() !== '') ?? '');
  const at = lines.findIndex((line) => indentOf(line) === indent && key.test(keyIn(line)));
  if (at < 0) return [];
  const rest = lines.slice(at + 1);
  const end = rest.findIndex((line) => line.trim() !== '' && indentOf(line) <= indent);
  return below(end < 0 ? rest : rest.slice(0, end), ...deeper);
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

/** The key of a line such as `'/workflows/{id}':`; empty for a line without one. */
function keyIn(line: string): string {
  const [, quote, key = ''] = /^\s*(['"]?)([^'"#]+)\1:\s*$/.exec(line) ?? [];
  return quote === undefined ? '' : key;
}

/** The value of some lines; undefined for those that are no YAML. */
function parsed(lines: Lines): unknown {
  try {
    return lines.length === 0 ? undefined : load(lines.join('\n'));
  } catch {
    return undefined;
  }
}

function memberOf(value: unknown, ...names: readonly string[]): unknown {
  let found = value;
  for (const name of names) {
    if (!isMapping(found) || !Object.hasOwn(found, name)) return undefined;
    found = new Map(Object.entries(found)).get(name);
  }
  return found;
}

function isMapping(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
