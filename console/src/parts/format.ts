const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'];
const numbers = new Intl.NumberFormat('en');

/** `20.5 KB`; 1 KB is 1,000 bytes. */
export function bytes(count: number): string {
  let [value, unit] = [count, 0];
  while (value >= 1_000 && unit < UNITS.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}

/** `1,234 graphs`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${numbers.format(number)} ${number === 1 ? one : many}`;
}
