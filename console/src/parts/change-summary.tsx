import { api } from '../api/client';
import type { components } from '../api/schema';
import { Remembered, useRemembered } from './use-remembered';

type Summary = components['schemas']['VersionSummaryView'];

const summaries = new Remembered<Summary>(5_000);

/** The parts of a summary in words: `+2 nodes`, `1 changed`. Empty when nothing changed. */
export function wordsOf({
  summary,
  fields,
  formatting_only,
}: Pick<Summary, 'summary' | 'fields' | 'formatting_only'>) {
  const words: Array<{ kind: 'added' | 'removed' | 'changed' | 'moved' | 'other'; text: string }> = [];
  const add = (kind: (typeof words)[number]['kind'], count: number, text: (count: number) => string) => {
    if (count > 0) words.push({ kind, text: text(count) });
  };
  const nodes = (count: number) => (count === 1 ? 'node' : 'nodes');
  const edges = (count: number) => (count === 1 ? 'edge' : 'edges');
  add('added', summary.nodes_added, (count) => `+${count} ${nodes(count)}`);
  add('removed', summary.nodes_removed, (count) => `−${count} ${nodes(count)}`);
  add('changed', summary.nodes_changed, (count) => `${count} changed`);
  add('moved', summary.nodes_moved, (count) => `${count} moved`);
  add('added', summary.edges_added, (count) => `+${count} ${edges(count)}`);
  add('removed', summary.edges_removed, (count) => `−${count} ${edges(count)}`);
  add('changed', summary.edges_changed, (count) => `${count} ${edges(count)} changed`);
  add('other', summary.other_changed, (count) => `${count} other ${count === 1 ? 'change' : 'changes'}`);
  for (const { field } of fields) words.push({ kind: 'other', text: field });
  if (words.length === 0 && formatting_only) words.push({ kind: 'other', text: 'formatting only' });
  return words;
}

/** What a version changed, compared with the one before; asked for when it comes into sight. */
export function ChangeSummary({ graph, version }: { graph: string; version: number }) {
  const found = useRemembered(
    summaries,
    version > 1 ? `${graph} ${version}` : undefined,
    async (signal) =>
      (await api.get('/graphs/{id}/diff/summary', { path: { id: graph }, query: { to: version }, signal }))
        .data,
  );
  if (version === 1) return <span class="muted">first version</span>;
  if (found === undefined || found === 'failed')
    return <span class="muted">{found === 'failed' ? '' : '…'}</span>;
  return <Words of={wordsOf(found)} />;
}

export function Words({ of }: { of: ReturnType<typeof wordsOf> }) {
  if (of.length === 0) return <span class="muted">no change</span>;
  return (
    <span class="chips">
      {of.map(({ kind, text }) => (
        <span key={text} class={`chip-${kind}`}>
          {text}
        </span>
      ))}
    </span>
  );
}
