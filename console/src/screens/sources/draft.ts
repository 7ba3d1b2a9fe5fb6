import type { components } from '../../api/schema';
import { COMMON, KINDS, type FieldText, type SourceKind } from './kinds';

export type Source = components['schemas']['SourceView'];
export type Values = Readonly<Record<string, string | boolean>>;

/** A source as it is typed: texts that are empty were not given. */
export interface Draft {
  kind: SourceKind;
  name: string;
  url: string;
  minutes: string;
  credentials: Values;
  options: Values;
}

const MINUTES = 5;

export function emptyDraft(kind: SourceKind): Draft {
  return { kind, name: KINDS[kind].label, url: '', minutes: String(MINUTES), credentials: {}, options: {} };
}

/** A stored source. Its credentials are not known to the console. */
export function draftOf({ kind, name, url, every_minutes, options }: Source): Draft {
  const given = Object.entries(options).map(([option, value]) => [
    option,
    typeof value === 'boolean' ? value : String(value),
  ]);
  return {
    kind,
    name,
    url,
    minutes: String(every_minutes),
    credentials: {},
    options: Object.fromEntries(given) as Values,
  };
}

/** The draft with another kind. What was not typed yet takes the texts of that kind. */
export function withKind(draft: Draft, kind: SourceKind): Draft {
  const name = draft.name === KINDS[draft.kind].label ? KINDS[kind].label : draft.name;
  return { ...emptyDraft(kind), name, url: draft.url, minutes: draft.minutes };
}

function given(fields: readonly FieldText[], values: Values): Array<[string, string | boolean | number]> {
  return fields.flatMap((field): Array<[string, string | boolean | number]> => {
    const value = values[field.name];
    if (value === undefined || value === '') return [];
    return [[field.name, field.type === 'number' ? Number(value) : value]];
  });
}

/** The options as the API takes them. */
export function optionsOf({ kind, options }: Draft) {
  return Object.fromEntries(given([...KINDS[kind].options, ...COMMON], options));
}

/** The credentials as the API takes them. */
export function credentialsOf({ kind, credentials }: Draft): Record<string, string> {
  return Object.fromEntries(
    given(KINDS[kind].credentials, credentials).map(([name, value]) => [name, String(value)]),
  );
}

/** What the API needs to try the connection. */
export function connectionOf(draft: Draft) {
  const { kind, url } = draft;
  return { kind, url: url.trim(), options: optionsOf(draft), credentials: credentialsOf(draft) };
}
