import { useRef, useState } from 'preact/hooks';
import { request } from '../../api/client';
import type { components } from '../../api/schema';
import { DataTable, type Column } from '../../parts/data-table';
import { ErrorNote } from '../../parts/error-note';
import { count } from '../../parts/format';
import { Icon } from '../../parts/icon';
import { useAction } from '../../parts/use-action';

type Report = components['schemas']['ImportView'];
type Entry = components['schemas']['ImportEntryView'];

/** Rows that are drawn of an import of thousands of graphs. */
const ROWS = 500;
const ACTIONS: Record<Entry['action'], readonly [before: string, after: string, kind: string]> = {
  created: ['new', 'made', 'ok'],
  extended: ['gets newer versions', 'got newer versions', 'info'],
  skipped: ['skipped', 'skipped', ''],
  refused: ['refused', 'refused', 'danger'],
};
const ORDER = ['refused', 'created', 'extended', 'skipped'] as const;

async function send(file: File, dryRun: boolean): Promise<Report> {
  const isZip = /\.zip$/i.test(file.name) || /zip/.test(file.type);
  const response = await request(`/import?dry_run=${dryRun}`, {
    method: 'POST',
    headers: { 'content-type': isZip ? 'application/zip' : 'application/json' },
    body: file,
  });
  return (await response.json()) as Report;
}

/** Imports an archive or workflow files: first what would be made, then the import. */
export function Import() {
  const [file, setFile] = useState<File>();
  const [report, setReport] = useState<Report>();
  const input = useRef<HTMLInputElement>(null);
  const preview = useAction(async (chosen: File) => {
    setFile(chosen);
    setReport(undefined);
    run.clear();
    setReport(await send(chosen, true));
  });
  const run = useAction(async () => setReport(await send(file!, false)));
  const busy = preview.busy || run.busy;
  return (
    <section class="card stack">
      <div>
        <h2>Import</h2>
        <p class="muted">
          A zip archive of an export, a zip of workflow files, or one JSON file. You see first what would be
          made. Nothing is overwritten: what is here already is skipped.
        </p>
      </div>
      <p class="row">
        <button type="button" class="button" disabled={busy} onClick={() => input.current?.click()}>
          <Icon name="upload" /> Choose a file
        </button>
        <span class="muted" role="status">
          {preview.busy && 'Reading the file…'}
          {run.busy && 'Importing…'}
        </span>
        <input
          ref={input}
          class="sr-only"
          type="file"
          accept=".zip,.json,application/zip,application/json"
          tabIndex={-1}
          aria-label="File to import"
          onChange={({ currentTarget }) => {
            const chosen = currentTarget.files?.[0];
            // The same file can be chosen again.
            if (chosen) void preview.run(chosen);
            currentTarget.value = '';
          }}
        />
      </p>
      <ErrorNote error={preview.error ?? run.error} />
      {report && file && (
        <ImportReport of={report} name={file.name} busy={busy} onImport={() => void run.run()} />
      )}
    </section>
  );
}

interface ReportProps {
  of: Report;
  name: string;
  busy: boolean;
  onImport: () => void;
}

function ImportReport({ of, name, busy, onImport }: ReportProps) {
  const changes = of.created + of.extended;
  const rows = ORDER.flatMap((action) => of.entries.filter((entry) => entry.action === action));
  const columns: Array<Column<Entry & { row: number }>> = [
    {
      label: 'Graph',
      cell: ({ graph_id: id, title, name: path }) => {
        const text = title ?? path ?? 'without a title';
        return id !== null && !of.dry_run ? <a href={`/graphs/${id}`}>{text}</a> : text;
      },
    },
    {
      label: of.dry_run ? 'What happens' : 'What happened',
      cell: ({ action }) => {
        const [before, after, kind] = ACTIONS[action];
        return <span class={`badge ${kind}`}>{of.dry_run ? before : after}</span>;
      },
    },
    { label: 'Versions', kind: 'number', cell: ({ versions }) => versions },
    { label: 'Reason', cell: ({ reason }) => reason },
  ];
  return (
    <>
      <div class={of.dry_run ? 'note info' : 'note ok'} role="status">
        <p class="grow">
          <strong>{name}</strong>: {wordsOf(of)}
        </p>
      </div>
      {rows.length > 0 && (
        <DataTable
          label="Graphs of the file"
          columns={columns}
          rows={rows.slice(0, ROWS).map((entry, row) => ({ ...entry, row }))}
          keyOf={({ row }) => row}
        />
      )}
      {rows.length > ROWS && <p class="muted">And {count(rows.length - ROWS, 'more graph')}.</p>}
      {of.dry_run && (
        <p>
          <button type="button" class="button primary" disabled={busy || changes === 0} onClick={onImport}>
            {changes === 0 ? 'Nothing to import' : `Import ${count(changes, 'graph')}`}
          </button>
        </p>
      )}
    </>
  );
}

/** "2 graphs would be made, 1 skipped." */
function wordsOf({ dry_run, created, extended, skipped, refused }: Report): string {
  const would = dry_run ? ' would be' : '';
  const phrases = [
    `${count(created, 'graph')}${would} made`,
    ...(extended > 0 ? [`${count(extended, 'graph')} with newer versions`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    ...(refused > 0 ? [`${refused} refused`] : []),
  ];
  return `${phrases.join(', ')}.`;
}
