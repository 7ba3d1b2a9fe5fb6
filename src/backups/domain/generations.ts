import { parseSegmentName, type SegmentPlace } from './segment-name';

/** A segment as a listing shows it. */
export interface ListedSegment extends SegmentPlace {
  name: string;
  bytes: number;
}

/** The segments of one generation, by their place; where several stand at one, the one of the newest run comes first. */
export interface Generation {
  lineage: string;
  number: number;
  places: ListedSegment[][];
  bytes: number;
}

/** The segments in a listing; other objects are ignored. */
export function segmentsIn(objects: ReadonlyArray<{ name: string; bytes: number }>): ListedSegment[] {
  return objects.flatMap((object) => {
    const place = parseSegmentName(object.name);
    return place ? [{ ...place, ...object }] : [];
  });
}

/**
 * Sorts segments into generations, oldest first. A generation that has lost its full segment has no places that can
 * be read; after a gap nothing can be read either.
 */
export function generationsOf(segments: readonly ListedSegment[]): Generation[] {
  const generations = new Map<string, Generation>();
  for (const segment of segments) {
    const id = `${segment.lineage} ${segment.generation}`;
    const found = generations.get(id) ?? {
      lineage: segment.lineage,
      number: segment.generation,
      places: [],
      bytes: 0,
    };
    generations.set(id, found);
    found.bytes += segment.bytes;
    (found.places[segment.index] ??= []).push(segment);
  }
  for (const generation of generations.values()) {
    for (const place of generation.places) place?.sort((a, b) => b.fence - a.fence);
    const gap = generation.places.findIndex((place) => place === undefined);
    if (gap >= 0) generation.places.length = gap;
  }
  return [...generations.values()].sort((a, b) =>
    a.lineage < b.lineage ? -1 : a.lineage > b.lineage ? 1 : a.number - b.number,
  );
}

/**
 * The generations that may be removed: those older than the `keep` newest ones that were verified. What is not verified does
 * not count, and with fewer good ones than that, or a `keep` that is no whole number above zero, none.
 */
export function expirable(all: readonly number[], verified: readonly number[], keep: number): number[] {
  if (!Number.isSafeInteger(keep) || keep < 1) return [];
  const good = [...new Set(verified)].filter((number) => all.includes(number)).sort((a, b) => b - a);
  const oldestKept = good[keep - 1];
  return oldestKept === undefined ? [] : all.filter((number) => number < oldestKept);
}
