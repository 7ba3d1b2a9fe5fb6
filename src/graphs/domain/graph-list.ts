import type { GraphInfoRow } from './graph.entity';

/** The sort orders of a list of graphs; a minus sign means descending. */
export const GRAPH_SORTS = [
  '-created_at',
  'created_at',
  '-updated_at',
  'updated_at',
  'title',
  '-title',
] as const;
export type GraphSort = (typeof GRAPH_SORTS)[number];

/** Whether a list contains graphs in the trash. */
export const DELETED_FILTERS = ['exclude', 'only', 'include'] as const;
export type DeletedFilter = (typeof DELETED_FILTERS)[number];

/** Selects the graphs that no source fills. */
export const NO_SOURCE = 'none';

/** Part of the journal: events after `above`, up to and including `upTo`. */
export interface SeqRange {
  above?: number;
  upTo?: number;
}

/** Which graphs a list contains. */
export interface GraphFilter {
  /** The number of the status, as stored. */
  status?: number | undefined;
  /** The title contains this text; folded like titles. */
  titlePart?: string | undefined;
  deleted: DeletedFilter;
  /** Only graphs whose newest event is in this range of the journal. */
  seq?: SeqRange | undefined;
  /** Only graphs that this source fills (the 16 bytes of its id), or that no source fills. */
  source?: Buffer | typeof NO_SOURCE | undefined;
  /** Milliseconds since the epoch. Graphs whose time in the trash is over are in no list. */
  now: number;
}

/** The SQL of an order, and the values of its last row that a cursor keeps. */
export interface Sorting {
  column: 'key' | 'updated_at' | 'title_folded';
  descending: boolean;
  kinds: ReadonlyArray<'string' | 'number'>;
  cursorOf(row: GraphInfoRow): Array<string | number>;
}

const byKey = (descending: boolean): Sorting => ({
  column: 'key',
  descending,
  kinds: ['number'],
  cursorOf: (row) => [row.key],
});

const byUpdate = (descending: boolean): Sorting => ({
  column: 'updated_at',
  descending,
  kinds: ['number', 'number'],
  cursorOf: (row) => [row.updated_at, row.key],
});

const byTitle = (descending: boolean): Sorting => ({
  column: 'title_folded',
  descending,
  kinds: ['string', 'number'],
  cursorOf: (row) => [row.title_folded, row.key],
});

/** Keys grow with time, so the order of creation is the order of the keys. */
export const SORTS: Readonly<Record<GraphSort, Sorting>> = {
  '-created_at': byKey(true),
  created_at: byKey(false),
  '-updated_at': byUpdate(true),
  updated_at: byUpdate(false),
  title: byTitle(false),
  '-title': byTitle(true),
};
