/** Longer lists are cut: an event of the journal is short. */
const TEXT_MAX = 500;

/** Ascending whole numbers as people write them: `1-3,7,9-12`; cut with `…` where there is too much. */
export function ranges(numbers: readonly number[]): string {
  const parts: Array<[number, number]> = [];
  for (const number of numbers) {
    const last = parts.at(-1);
    if (last && number === last[1] + 1) last[1] = number;
    else parts.push([number, number]);
  }
  const text = parts.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(',');
  return text.length <= TEXT_MAX ? text : `${text.slice(0, text.lastIndexOf(',', TEXT_MAX))},…`;
}
