import { Choice } from '../../parts/choice';
import { Field } from '../../parts/field';
import type { FieldText } from './kinds';

interface Props {
  of: FieldText;
  /** May be empty even if the kind needs it, because a value is stored. */
  isOptional: boolean;
  value: string | boolean | undefined;
  onValue: (value: string | boolean) => void;
  fault: string | undefined;
}

/** One option or credential; without a value it shows what holds then. */
export function OptionField({ of, isOptional, value, onValue, fault }: Props) {
  const { label, hint } = of;
  switch (of.type) {
    case 'text':
    case 'secret':
      return (
        <Field
          label={label}
          type={of.type === 'secret' ? 'password' : 'text'}
          autocomplete={of.type === 'secret' ? 'new-password' : 'off'}
          required={of.required === true && !isOptional}
          placeholder={of.placeholder ?? ''}
          hint={hint}
          value={String(value ?? '')}
          onValue={onValue}
          fault={fault}
        />
      );
    case 'number':
      return (
        <Field
          label={label}
          type="number"
          min={of.min}
          max={of.max}
          hint={hint}
          value={String(value ?? of.standard)}
          onValue={onValue}
          fault={fault}
        />
      );
    case 'choice':
      return (
        <Choice label={label} value={String(value ?? of.standard)} onValue={onValue} options={of.choices} />
      );
    case 'flag':
      return (
        <label class="check">
          <input
            type="checkbox"
            checked={(value ?? of.standard) === true}
            onChange={({ currentTarget: { checked } }) => onValue(checked)}
          />
          {label}
        </label>
      );
  }
}
