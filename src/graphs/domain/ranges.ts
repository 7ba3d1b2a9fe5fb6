/** Longer lists are cut, to keep journal events short. Characters. */
const TEXT_MAX = 500;

/** Formats ascending whole numbers as ranges: `1-3,7,9-12`. Cuts long lists with `…`. */
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
