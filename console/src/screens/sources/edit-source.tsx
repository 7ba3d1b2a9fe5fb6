import { useState } from 'preact/hooks';
import { Dialog } from '../../parts/dialog';
import { say } from '../../parts/toasts';
import { useAction } from '../../parts/use-action';
import { changeSource } from './change-source';
import { credentialsOf, draftOf, optionsOf, type Source } from './draft';
import { COMMON, KINDS } from './kinds';
import { SourceForm } from './source-form';

interface Props {
  of: Source;
  onClose: () => void;
  onSaved: (source: Source) => void;
}

/** Changes a source. An enabled one is read at once with what was saved. */
export function EditSource({ of, onClose, onSaved }: Props) {
  const [draft, setDraft] = useState(() => draftOf(of));
  const [forget, setForget] = useState(false);
  const isStored = of.has_credentials && !forget;
  const save = useAction(async () => {
    const credentials = credentialsOf(draft);
    const isGiven = Object.keys(credentials).length > 0;
    const body = {
      name: draft.name,
      url: draft.url.trim(),
      every_minutes: Number(draft.minutes),
      options: { ...unknownOptions(of), ...optionsOf(draft) },
      ...(isGiven ? { credentials } : forget && { credentials: null }),
    };
    const saved = await changeSource(of.id, body);
    onSaved(saved);
    say(saved.enabled ? 'Saved. The tool is read now.' : 'Saved. The source is still paused.');
  });
  return (
    <Dialog title={`Edit “${of.name}”`} onClose={onClose} large>
      <SourceForm
        draft={draft}
        onDraft={setDraft}
        isStored={isStored}
        verb="Save"
        busy={save.busy}
        error={save.error}
        onSubmit={() => void save.run()}
      >
        {of.has_credentials && KINDS[of.kind].credentials.length > 0 && (
          <label class="check">
            <input
              type="checkbox"
              checked={forget}
              onChange={({ currentTarget: { checked } }) => setForget(checked)}
            />
            Remove the stored credentials
          </label>
        )}
        {isStored && (
          <p class="muted small">
            A check needs the credentials again, because the stored ones never leave the service. Another
            address needs them too.
          </p>
        )}
      </SourceForm>
    </Dialog>
  );
}

/** Options that this form does not know stay as they are. */
function unknownOptions({ kind, options }: Source): Record<string, unknown> {
  const known = new Set([...KINDS[kind].options, ...COMMON].map(({ name }) => name));
  return Object.fromEntries(Object.entries(options).filter(([name]) => !known.has(name)));
}
