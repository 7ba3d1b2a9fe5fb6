import { ownMember } from '../../platform/hardening/own-member';

/** What one field of a source's options or credentials may hold. */
export type FieldRule =
  | { type: 'text'; max: number; required?: boolean; pattern?: RegExp; must?: string; about: string }
  | { type: 'boolean'; default: boolean; about: string }
  | { type: 'integer'; min: number; max: number; default: number; about: string }
  | { type: 'choice'; choices: readonly string[]; default: string; about: string };

/** The fields of options or credentials by name. */
export type FieldRules = Readonly<Record<string, FieldRule>>;

/** The value of a field. */
export type FieldValue = string | boolean | number;

/** The values of fields that were given; fields that were left out are missing. */
export type Fields = Readonly<Record<string, FieldValue>>;

/** A field that breaks its rule; `message` completes "NAME …". */
export interface FieldFault {
  field: string;
  message: string;
}

/** The options that every kind of source has. */
export const COMMON_OPTIONS: FieldRules = {
  verify_tls: {
    type: 'boolean',
    default: true,
    about: 'Whether the certificate of the tool is verified. False accepts any certificate.',
  },
  on_gone: {
    type: 'choice',
    choices: ['keep', 'trash'],
    default: 'keep',
    about:
      'What happens to a graph that is gone at the tool: it is kept, or moved to the trash after `gone_days`.',
  },
  gone_days: {
    type: 'integer',
    min: 0,
    max: 3_650,
    default: 7,
    about: 'Days after which a gone graph moves to the trash, with `on_gone: trash`.',
  },
  min_minutes: {
    type: 'integer',
    min: 0,
    max: 10_080,
    default: 0,
    about: 'At most one version of a graph in so many minutes. The last state is always stored.',
  },
};

/** Checks given fields against their rules. Null stands for a field that is left out. */
export function checkFields(rules: FieldRules, given: Readonly<Record<string, unknown>>): FieldFault[] {
  const unknown = Object.keys(given)
    .filter((name) => !Object.hasOwn(rules, name))
    .map((name) => ({ field: name.slice(0, 100), message: 'is not a known field of this kind' }));
  const faults = Object.entries(rules).flatMap(([field, rule]) => {
    const message = faultOf(rule, ownMember(given, field) ?? undefined);
    return message === undefined ? [] : [{ field, message }];
  });
  return [...unknown, ...faults];
}

/** The given fields with the defaults of those that are left out. */
export function withDefaults(rules: FieldRules, given: Fields): Fields {
  const values = Object.entries(rules).map(([name, rule]) => [
    name,
    ownMember(given, name) ?? ('default' in rule ? rule.default : undefined),
  ]);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined)) as Fields;
}

/** The fields that hold a value. */
export function givenFields(given: Readonly<Record<string, unknown>>): Fields {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value != null)) as Fields;
}

function faultOf(rule: FieldRule, value: unknown): string | undefined {
  if (value === undefined)
    return rule.type === 'text' && rule.required ? 'is required for this kind' : undefined;
  switch (rule.type) {
    case 'text':
      return textFault(rule, value);
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'must be true or false';
    case 'integer':
      return Number.isSafeInteger(value) && (value as number) >= rule.min && (value as number) <= rule.max
        ? undefined
        : `must be a whole number from ${rule.min} to ${rule.max}`;
    case 'choice':
      return rule.choices.some((choice) => choice === value)
        ? undefined
        : `must be one of: ${rule.choices.join(', ')}`;
  }
}

function textFault(rule: FieldRule & { type: 'text' }, value: unknown): string | undefined {
  const { max, required, pattern, must } = rule;
  if (typeof value !== 'string') return 'must be a string';
  if (value.length > max) return `must have at most ${max} characters`;
  if (required && value === '') return 'must not be empty';
  if (value.includes('\0') || !value.isWellFormed()) return 'must be well-formed text';
  return pattern && !pattern.test(value) ? (must ?? 'has the wrong form') : undefined;
}
