import { contentOf } from '../compare-edges';
import { compareGraphs, type ComparedNode, type Comparison } from '../compare-graphs';
import type { OtherChange } from '../compare-rest';
import { otherChanges } from '../diff-configs';
import { containersOf, type GraphEdge, type GraphNode } from '../dialects/graph';
import { readExact } from '../exact-json';
import type { Json } from '../json';
import { makePatch } from '../patch/json-patch';
import { describeChanges, plain } from './describe-changes';
import { segmentsOf, valuesAlong } from './pointer';
import { maskText } from '../../graphs/domain/secret-texts';

/** How a difference is described. */
export interface TextOptions {
  markdown: boolean;
  /** Show secrets, too. */
  reveal: boolean;
}

/** Things of one kind that are told one by one; further ones are counted. */
const MAX_LINES = 100;

/**
 * A difference as a person reads it, in plain text or Markdown: one line for each node, edge and other part that
 * changed. Names and values stand on one line each and cannot end the quotes round them. Throws SyntaxError when a
 * side is not JSON.
 */
export function diffText(from: Uint8Array, to: Uint8Array, options: TextOptions): string {
  const [before, after] = [readExact(from), readExact(to)];
  const comparison = compareGraphs(before, after, { oneForm: true });
  const patch = makePatch(before, after, comparison.ids);
  const lines = new Lines(options);
  tellNodes(comparison, lines, options.reveal);
  tellEdges(comparison, lines, options.reveal);
  tellOther(before, otherChanges(comparison, patch), lines, options.reveal);
  if (!lines.empty) return lines.text();
  return Buffer.compare(from, to) === 0 ? 'Nothing changed.\n' : 'Only the formatting changed.\n';
}

class Lines {
  private readonly parts: string[] = [];

  constructor(private readonly options: TextOptions) {}

  get empty(): boolean {
    return this.parts.length === 0;
  }

  section(title: string, lines: readonly string[]): void {
    if (lines.length === 0) return;
    const bullet = this.options.markdown ? '- ' : '  ';
    const more = lines.length - MAX_LINES;
    const shown = [...lines.slice(0, MAX_LINES), ...(more > 0 ? [`and ${more} more`] : [])];
    const heading = this.options.markdown ? `**${title}** (${lines.length})` : `${title} (${lines.length}):`;
    this.parts.push(`${heading}\n${shown.map((line) => bullet + line).join('\n')}\n`);
  }

  /** A name; in Markdown as code, so that nothing in it is formatted or calls anybody. */
  name(text: string): string {
    const name = plain(this.options.reveal ? text : maskText(text)).slice(0, 120) || '(no name)';
    return this.options.markdown ? `\`${name}\`` : name;
  }

  text(): string {
    return this.parts.join('\n');
  }
}

function tellNodes({ added, removed, both, ids }: Comparison, lines: Lines, reveal: boolean): void {
  const named = ({ name, type }: GraphNode): string =>
    name === type ? lines.name(name) : `${lines.name(name)} (${lines.name(type)})`;
  const changed = both.filter((node) => node.changed);
  lines.section('Added nodes', added.map(named));
  lines.section('Removed nodes', removed.map(named));
  lines.section(
    'Changed nodes',
    changed.map((node) => {
      const changes = describeChanges(node.before, makePatch(node.before, node.to.body, ids), reveal);
      const moved = node.moved ? '; moved' : '';
      return `${renamed(node, lines)}: ${changes}${moved}`;
    }),
  );
  lines.section(
    'Moved nodes',
    both
      .filter((node) => node.moved && !node.changed)
      .map((node) => `${renamed(node, lines)}: ${moveOf(node)}`),
  );
}

function renamed({ from, to }: ComparedNode, lines: Lines): string {
  return from.name === to.name ? lines.name(to.name) : `${lines.name(from.name)}, now ${lines.name(to.name)}`;
}

function moveOf({ from, to }: ComparedNode): string {
  const resized = from.size?.width !== to.size?.width || from.size?.height !== to.size?.height;
  const moved = from.position?.x !== to.position?.x || from.position?.y !== to.position?.y;
  const held = containersOf(from).join() !== containersOf(to).join();
  const parts = [moved ? 'place' : '', resized ? 'size' : '', held ? 'container' : ''].filter(
    (part) => part !== '',
  );
  return parts.join(', ') || 'place';
}

function tellEdges({ from, to, edges, ids }: Comparison, lines: Lines, reveal: boolean): void {
  const names = (nodes: readonly GraphNode[]): Map<string, string> =>
    new Map(nodes.map(({ id, name }) => [id, name]));
  const [before, after] = [names(from.nodes), names(to.nodes)];
  const told = (edge: GraphEdge, known: ReadonlyMap<string, string>): string => {
    const end = (id: string, port: string | null): string =>
      lines.name(known.get(id) ?? id) +
      (port === null || port === '0' ? '' : ` [${plain(port).slice(0, 60)}]`);
    return `${end(edge.source, edge.source_port)} → ${end(edge.target, edge.target_port)}`;
  };
  lines.section(
    'Added edges',
    edges.added.map((edge) => told(edge, after)),
  );
  lines.section(
    'Removed edges',
    edges.removed.map((edge) => told(edge, before)),
  );
  lines.section(
    'Changed edges',
    edges.changed.map(({ edge, before: old }) => {
      const changes = describeChanges(old, makePatch(old, contentOf(edge), ids), reveal);
      return `${told(edge, after)}: ${changes}`;
    }),
  );
}

function tellOther(before: Json, other: readonly OtherChange[], lines: Lines, reveal: boolean): void {
  lines.section(
    'Other changes',
    other.map(({ path, changes }) => {
      const segments = segmentsOf(path);
      const old = valuesAlong(before, segments).at(-1) ?? null;
      // The part's own name decides, too, whether its content is a secret.
      const within = changes.map((change) => ({
        ...change,
        path: `/${segments.at(-1) ?? ''}${change.path}`,
      }));
      return `${lines.name(path || '/')}: ${describeChanges({ [segments.at(-1) ?? '']: old }, within, reveal)}`;
    }),
  );
}
