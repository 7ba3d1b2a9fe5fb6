import { useEffect, useState } from 'preact/hooks';
import { ErrorNote } from '../../parts/error-note';
import { Loaded } from '../../parts/loaded';
import { say } from '../../parts/toasts';
import { useAction } from '../../parts/use-action';
import { useResource } from '../../parts/use-resource';
import { EffectView } from './effect';
import {
  FIELDS,
  ownPart,
  previewPolicy,
  readPolicy,
  writePolicy,
  type Policy,
  type PolicyPart,
} from './policy-calls';
import { Rule } from './rule';

/** After the last key. */
const PAUSE_MS = 400;

const textOf = (part: PolicyPart) => JSON.stringify(FIELDS.map(({ field }) => part[field] ?? null));

interface Props {
  /** The graph; missing: the account. */
  id?: string;
  policy: Policy;
  /** Whether each change is previewed at once. */
  auto: boolean;
}

/** Changes a policy: what it would do is shown before it is saved. */
export function Editor({ id, policy, auto }: Props) {
  const level = id === undefined ? 'user' : 'graph';
  const [saved, setSaved] = useState(policy);
  const [draft, setDraft] = useState<PolicyPart>(() => ownPart(policy, level));
  const [tried, setTried] = useState(draft);
  const isChanged = textOf(draft) !== textOf(ownPart(saved, level));
  const isValid = FIELDS.every(({ field, min, max }) => {
    const value = draft[field];
    return value === undefined || value === null || (Number.isInteger(value) && value >= min && value <= max);
  });
  useEffect(() => {
    if (!auto || !isValid) return;
    const timer = setTimeout(() => setTried(draft), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [textOf(draft), auto, isValid]);
  const effect = useResource((signal) => previewPolicy(id, tried, signal), [textOf(tried)]);
  const isPreviewed = textOf(tried) === textOf(draft) && effect.data && !effect.loading && !effect.error;
  const take = (next: Policy) => {
    const part = ownPart(next, level);
    setSaved(next);
    setDraft(part);
    setTried(part);
  };
  const save = useAction(async (part: PolicyPart, undo: PolicyPart | null) => {
    const present = await readPolicy(id);
    if (textOf(ownPart(present, level)) !== textOf(ownPart(saved, level)) && undo !== null) {
      setSaved(present);
      throw new Error('The policy was changed in another window. Look at the rules again, then save.');
    }
    take(await writePolicy(id, part));
    say(
      undo === null ? 'The policy is as it was.' : 'Saved.',
      undo ? () => void save.run(undo, null) : undefined,
    );
  });
  return (
    <div class="policy">
      <form
        class="card card-pad stack policy-rules"
        aria-label="Rules"
        onSubmit={(event) => {
          event.preventDefault();
          void save.run(draft, ownPart(saved, level));
        }}
      >
        {FIELDS.map((text) => (
          <Rule
            key={text.field}
            of={text}
            level={level}
            own={draft[text.field]}
            inherited={inheritedOf(text.field, saved, effect.data?.policy, level)}
            onOwn={(value) => setDraft({ ...draft, [text.field]: value })}
          />
        ))}
        <ErrorNote error={save.error} />
        <p class="row">
          <button type="submit" class="button primary" disabled={!isChanged || !isPreviewed || save.busy}>
            Save
          </button>
          {!auto && !isPreviewed && (
            <button
              type="button"
              class="button"
              disabled={!isValid || effect.loading}
              onClick={() => setTried(draft)}
            >
              Preview
            </button>
          )}
          <button
            type="button"
            class="button quiet"
            disabled={!isChanged}
            onClick={() => setDraft(ownPart(saved, level))}
          >
            Discard changes
          </button>
        </p>
      </form>
      <section class="card card-pad stack" aria-label="Effect" aria-busy={!isPreviewed}>
        <Loaded of={effect}>
          {(data) => <EffectView of={data} id={id} isDraft={isChanged} isStale={!isPreviewed} />}
        </Loaded>
      </section>
    </div>
  );
}

/** What the field is when this level says nothing, if it is known by now. */
function inheritedOf(
  field: (typeof FIELDS)[number]['field'],
  saved: Policy,
  tried: Policy | undefined,
  level: 'user' | 'graph',
) {
  const source = [tried, saved].find((policy) => policy !== undefined && policy.levels[field] !== level);
  return source && { value: source[field], level: source.levels[field]! };
}
