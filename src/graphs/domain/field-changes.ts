/** A field other than the config that differs. */
export interface FieldChange {
  field: 'title' | 'description' | 'status';
  from: string | null;
  to: string | null;
}

/** The fields of a graph other than its config. */
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

/** The fields as they are once the changes of one version are taken back, and the fields that do not allow it. */
export function takeBack(
  { before, after }: { before: Fields; after: Fields },
  present: Fields,
): { fields: Fields; conflicts: FieldChange['field'][] } {
  const changed = FIELDS.filter(
    (field) => before[field] !== after[field] && present[field] !== before[field],
  );
  const conflicts = changed.filter((field) => present[field] !== after[field]);
  const back = changed.map((field) => [field, before[field]] as const);
  return { fields: { ...present, ...Object.fromEntries(back) }, conflicts };
}
