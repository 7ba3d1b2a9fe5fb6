import './sources.css';
import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { api } from '../../api/client';
import { Choice } from '../../parts/choice';
import { PageHead } from '../../parts/page-head';
import { say } from '../../parts/toasts';
import { useAction } from '../../parts/use-action';
import { connectionOf, emptyDraft, withKind } from './draft';
import { KINDS, KIND_NAMES, kindOf, type SourceKind } from './kinds';
import { SourceForm } from './source-form';

const CHOICES = KIND_NAMES.map((kind) => [kind, KINDS[kind].label] as const);

/** Connects a tool: its graphs are pulled from then on. */
export function NewSource() {
  const { query, route } = useLocation();
  const [draft, setDraft] = useState(() => emptyDraft(kindOf(query['kind']) ?? 'node-red'));
  const connect = useAction(async () => {
    const body = { ...connectionOf(draft), name: draft.name, every_minutes: Number(draft.minutes) };
    const { data } = await api.post('/sources', { body });
    route(`/sources/${data.id}`);
    say(`“${data.name}” is connected. Its graphs are read now.`);
  });
  const choose = (kind: SourceKind) => {
    setDraft(withKind(draft, kind));
    route(`/sources/new?kind=${kind}`, true);
  };
  return (
    <>
      <PageHead
        title="Connect a tool"
        crumbs={<a href="/sources">Sources</a>}
        lead="Each change of each of its graphs becomes a version here. Nothing is installed at the tool."
      />
      <section class="card card-pad stack" aria-label="Connection">
        <div class="source-fields">
          <Choice label="Kind of tool" value={draft.kind} onValue={choose} options={CHOICES} />
        </div>
        <SourceForm
          key={draft.kind}
          draft={draft}
          onDraft={setDraft}
          verb="Connect"
          busy={connect.busy}
          error={connect.error}
          onSubmit={() => void connect.run()}
        />
      </section>
    </>
  );
}
