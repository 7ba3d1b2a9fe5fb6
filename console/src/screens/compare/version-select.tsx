import { useId } from 'preact/hooks';
import type { components } from '../../api/schema';

type Version = components['schemas']['VersionView'];

const time = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

interface Props {
  label: string;
  versions: readonly Version[];
  value: number;
  onValue: (version: number) => void;
}

/** Chooses a version by its number, time and label. */
export function VersionSelect({ label, versions, value, onValue }: Props) {
  const id = useId();
  const isKnown = versions.some(({ version }) => version === value);
  return (
    <div class="version-select">
      <label for={id}>{label}</label>
      <select
        id={id}
        class="input"
        value={value}
        onChange={(event) => onValue(Number(event.currentTarget.value))}
      >
        {!isKnown && <option value={value}>{value}</option>}
        {versions.map(({ version, created_at, label: name }) => (
          <option key={version} value={version}>
            {version} · {time.format(Date.parse(created_at))}
            {name === null ? '' : ` · ${name}`}
          </option>
        ))}
      </select>
    </div>
  );
}
