/** A field besides the config that differs. */
export interface FieldChange {
  field: 'title' | 'description' | 'status';
  from: string | null;
  to: string | null;
}

/** The fields of a graph besides its config. */
export type Fields = Readonly<Record<FieldChange['field'], string | null>>;

const FIELDS = ['title', 'description', 'status'] as const;

/** The fields that differ. */
export function fieldChanges(from: Fields, to: Fields): FieldChange[] {
  return FIELDS.filter((field) => from[field] !== to[field]).map((field) => ({
    field,
    from: from[field],
    to: to[field],
  }));
}
