import { useId } from 'preact/hooks';

interface Props<T extends string> {
  label: string;
  value: T;
  onValue: (value: T) => void;
  options: ReadonlyArray<readonly [value: T, text: string]>;
  disabled?: boolean;
}

/** A labelled list to choose one value from. */
export function Choice<T extends string>({ label, value, onValue, options, disabled }: Props<T>) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        class="input"
        value={value}
        disabled={disabled}
        onChange={(event) => onValue(event.currentTarget.value as T)}
      >
        {options.map(([option, text]) => (
          <option key={option} value={option}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}
