import { useId } from 'preact/hooks';
import type { FIELDS } from './policy-calls';

const SOURCES: Record<string, string> = {
  default: 'the installation',
  user: 'your account',
};

interface Props {
  of: (typeof FIELDS)[number];
  level: 'user' | 'graph';
  /** Null or missing: inherited. */
  own: number | null | undefined;
  /** Unknown until it has been asked for. */
  inherited: { value: number; level: string } | undefined;
  onOwn: (value: number | null) => void;
}

/** One rule of a policy: its own number, or the inherited one. */
export function Rule({ of: { label, unit, hint, min, max }, level, own, inherited, onOwn }: Props) {
  const id = useId();
  const isOwn = own !== null && own !== undefined;
  const source = SOURCES[inherited?.level ?? (level === 'user' ? 'default' : 'user')]!;
  const value = isOwn ? own : inherited?.value;
  return (
    <div class="rule">
      <label for={id} class="rule-label">
        {label} <span class="sr-only">{unit}</span>
      </label>
      <input
        id={id}
        class="input number"
        type="number"
        required
        min={min}
        max={max}
        disabled={!isOwn}
        aria-describedby={`${id}-hint`}
        value={value === undefined || Number.isNaN(value) ? '' : value}
        onInput={({ currentTarget: { valueAsNumber } }) => onOwn(valueAsNumber)}
      />
      <span aria-hidden="true">{unit}</span>
      <label class="check rule-own small">
        <input
          type="checkbox"
          checked={!isOwn}
          aria-label={`${label} ${unit}: inherited from ${source}`}
          onChange={({ currentTarget: { checked } }) => onOwn(checked ? null : (inherited?.value ?? min))}
        />
        inherited
      </label>
      <p class="hint small muted" id={`${id}-hint`}>
        {hint} {!isOwn && `From ${source}.`} {value === 0 && <strong>Off.</strong>}
      </p>
    </div>
  );
}
