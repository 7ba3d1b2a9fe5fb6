/** Whether a segment holds everything or only what is new. */
export type SegmentKind = 'full' | 'part';

/** The place of a segment: lineage, generation and index. */
export interface SegmentPlace {
  /** 32 hexadecimal digits: one database's own line of copies. */
  lineage: string;
  /** A full segment begins one; counts from 1. */
  generation: number;
  /** 0 for the full segment, then the parts in order. */
  index: number;
  /** The number of the run that wrote it: of two segments at one place, the higher one is used. */
  fence: number;
  kind: SegmentKind;
}

const NAME = /^lineages\/([0-9a-f]{32})\/segments\/(\d{10})\/(\d{8})-(\d{12})-(full|part)\.seg$/;

/** The prefix of all objects of a lineage. */
export function lineageFolder(lineage: string): string {
  return `lineages/${lineage}/`;
}

/** The prefix of all segments of a lineage. */
export function segmentsFolder(lineage: string): string {
  return `${lineageFolder(lineage)}segments/`;
}

/** A segment's name: names sort in reading order. */
export function segmentName({ lineage, generation, index, fence, kind }: SegmentPlace): string {
  const numbers = `${digits(generation, 10)}/${digits(index, 8)}-${digits(fence, 12)}`;
  return `${segmentsFolder(lineage)}${numbers}-${kind}.seg`;
}

/** Parses the name of a segment; undefined for other names. */
export function parseSegmentName(name: string): SegmentPlace | undefined {
  const found = NAME.exec(name);
  if (!found) return undefined;
  const [, lineage, generation, index, fence, kind] = found as unknown as [
    string,
    string,
    string,
    string,
    string,
    SegmentKind,
  ];
  if ((kind === 'full') !== (Number(index) === 0)) return undefined;
  return { lineage, generation: Number(generation), index: Number(index), fence: Number(fence), kind };
}

/** The lineage of any object. */
export function lineageOf(name: string): string | undefined {
  return /^lineages\/([0-9a-f]{32})\//.exec(name)?.[1];
}

function digits(number: number, width: number): string {
  const text = String(number);
  if (!Number.isSafeInteger(number) || number < 0 || text.length > width)
    throw new RangeError(`${number} does not fit into a segment's name`);
  return text.padStart(width, '0');
}
