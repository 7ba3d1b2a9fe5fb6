import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

interface Props {
  label: string;
  type?: 'text' | 'email' | 'password' | 'number' | 'url' | 'datetime-local' | 'date';
  autocomplete?: 'username' | 'current-password' | 'new-password' | 'off';
  required?: boolean;
  autofocus?: boolean;
  disabled?: boolean;
  minLength?: number;
  maxLength?: number;
  min?: number;
  max?: number;
  placeholder?: string;
  value: string;
  onValue: (value: string) => void;
  hint?: ComponentChildren;
  fault?: string | undefined;
}

/** A labelled line of text. */
export function Field({ label, type = 'text', value, onValue, hint, fault, ...input }: Props) {
  const id = useId();
  const described = [hint ? `${id}-hint` : '', fault ? `${id}-fault` : ''].filter(Boolean).join(' ');
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        {...input}
        // The types of Preact want to know the one type, and each of these takes the same attributes.
        // oxlint-disable-next-line typescript/no-unnecessary-type-assertion
        type={type as 'text'}
        id={id}
        class="input"
        value={value}
        onInput={(event) => onValue(event.currentTarget.value)}
        aria-invalid={fault !== undefined}
        aria-describedby={described || undefined}
      />
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {fault && (
        <p class="fault" id={`${id}-fault`}>
          {fault}
        </p>
      )}
    </div>
  );
}
