/** What made a version, in the order of the numbers it is stored under; a new one goes to the end. */
export const CHANGES = ['created', 'updated', 'deleted', 'recovered', 'restored', 'imported'] as const;
export type Change = (typeof CHANGES)[number];
