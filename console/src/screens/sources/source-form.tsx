import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { api } from '../../api/client';
import type { ApiError } from '../../api/problem';
import type { components } from '../../api/schema';
import { ErrorNote } from '../../parts/error-note';
import { Field } from '../../parts/field';
import { useAction } from '../../parts/use-action';
import { Found } from './found';
import { connectionOf, type Draft, type Values } from './draft';
import { COMMON, KINDS, type FieldText } from './kinds';
import { OptionField } from './option-field';

type Check = components['schemas']['SourceCheckView'];

interface Props {
  draft: Draft;
  onDraft: (draft: Draft) => void;
  /** Credentials are stored already: empty fields keep them. */
  isStored?: boolean;
  /** What the button says. */
  verb: string;
  busy: boolean;
  error: ApiError | undefined;
  onSubmit: () => void;
  /** More, in front of the buttons. */
  children?: ComponentChildren;
}

/** The connection to a tool: its address, credentials and options, and a check that shows what it would find. */
export function SourceForm(props: Props) {
  const { draft, onDraft, isStored = false, verb, busy, onSubmit, children } = props;
  const [checked, setChecked] = useState<{ text: string; check: Check }>();
  const text = JSON.stringify(connectionOf(draft));
  const check = useAction(async () => {
    setChecked(undefined);
    setChecked({ text, check: (await api.post('/sources/check', { body: connectionOf(draft) })).data });
  });
  const error = check.error ?? props.error;
  const found = checked?.text === text ? checked.check : undefined;
  const kind = KINDS[draft.kind];
  const fields = [...kind.options, ...COMMON];
  const fault = (name: string) => error?.fault(name);
  const more = ['every_minutes', ...COMMON.map(({ name }) => `options.${name}`)];
  const hasFaultInMore = more.some((name) => fault(name) !== undefined);
  const draw = (group: 'credentials' | 'options') => (field: FieldText) => (
    <OptionField
      key={field.name}
      of={field}
      isOptional={isStored && group === 'credentials'}
      value={draft[group][field.name]}
      onValue={(value) => onDraft({ ...draft, [group]: { ...draft[group], [field.name]: value } as Values })}
      fault={fault(`${group}.${field.name}`)}
    />
  );
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      <div class="source-fields">
        <Field
          label={kind.address.label}
          required
          placeholder={kind.address.placeholder}
          hint={kind.address.hint}
          maxLength={2_000}
          value={draft.url}
          onValue={(url) => onDraft({ ...draft, url })}
          fault={fault('url')}
        />
        <Field
          label="Name"
          required
          hint="How you call it here."
          maxLength={200}
          value={draft.name}
          onValue={(name) => onDraft({ ...draft, name })}
          fault={fault('name')}
        />
      </div>
      {kind.credentials.length > 0 && (
        <fieldset class="fieldset">
          <legend>Credentials</legend>
          <p class="muted small">
            They are encrypted, never shown again, and sent only to this address.
            {isStored && ' Leave the fields empty to keep those that are stored.'}
          </p>
          <div class="source-fields">{kind.credentials.map(draw('credentials'))}</div>
        </fieldset>
      )}
      {kind.options.length > 0 && (
        <fieldset class="fieldset">
          <legend>Options</legend>
          <div class="source-fields">{kind.options.map(draw('options'))}</div>
        </fieldset>
      )}
      <details class="source-more" open={hasFaultInMore || undefined}>
        <summary>How often, and what happens to graphs that are gone</summary>
        <div class="source-fields">
          <Field
            label="Minutes between two runs"
            type="number"
            required
            min={1}
            max={10_080}
            value={draft.minutes}
            onValue={(minutes) => onDraft({ ...draft, minutes })}
            fault={fault('every_minutes')}
          />
          {COMMON.map(draw('options'))}
        </div>
      </details>
      {children}
      {!isAtFields(error, fields, kind.credentials) && <ErrorNote error={error} />}
      {found && <Found of={found} />}
      <p class="row">
        <button
          type="button"
          class={found?.ok ? 'button' : 'button primary'}
          disabled={check.busy || draft.url.trim() === ''}
          onClick={() => void check.run()}
        >
          {check.busy ? 'Checking…' : 'Check the connection'}
        </button>
        <button type="submit" class={found?.ok ? 'button primary' : 'button'} disabled={busy}>
          {verb}
        </button>
      </p>
    </form>
  );
}

/** Whether each fault is shown at its field. */
function isAtFields(
  error: ApiError | undefined,
  options: readonly FieldText[],
  credentials: readonly FieldText[],
): boolean {
  const shown = new Set([
    ...['url', 'name', 'every_minutes'],
    ...options.map(({ name }) => `options.${name}`),
    ...credentials.map(({ name }) => `credentials.${name}`),
  ]);
  const errors = error?.problem?.errors ?? [];
  return errors.length > 0 && errors.every(({ field }) => shown.has(field));
}
