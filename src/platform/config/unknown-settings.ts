/** A setting that is not read, and where it is. Its value is never shown: it may be a secret. */
export interface UnknownSetting {
  /** Undefined for a line that is no setting at all. */
  readonly name: string | undefined;
  readonly where: string;
  /** The known setting that was probably meant. */
  readonly meant: string | undefined;
}

/** Settings of other programs that `.env` may have: docker compose, the AWS SDK and Node.js. */
const OF_OTHERS =
  /^(AWS_|NODE_|COMPOSE_|UV_|PG)|^(TZ|LANG|POSTGRES_PASSWORD|STORE_RPC_SECRET|UPSTREAMS|(HTTPS?|NO|ALL)_PROXY)$/i;
const ASSIGNMENT = /^\s*(?:export\s+)?([\w.-]+)\s*(?:=|:\s)/;
const NO_SETTING = /^\s*(#|$)/;

/** Shorter names of the environment are not compared: too many programs have similar ones. */
const COMPARED_FROM = 6;
/** Names from this length on may differ by two characters, shorter ones by one. */
const TWO_FAULTS_FROM = 10;
const FAULTS_IN_FILE = 3;

/** Lines of `.env` that set nothing that this service reads. `values` is what the file's parser found in it. */
export function unknownInFile(
  text: string,
  values: Readonly<Record<string, string>>,
  known: readonly string[],
): UnknownSetting[] {
  // A value of several lines has lines that are no assignments.
  const hasLongValues = Object.values(values).some((value) => value.includes('\n'));
  return text.split(/\r?\n/).flatMap((line, index): UnknownSetting[] => {
    const where = `.env, line ${index + 1}`;
    const name = ASSIGNMENT.exec(line)?.[1];
    if (name === undefined)
      return NO_SETTING.test(line) || hasLongValues ? [] : [{ name, where, meant: undefined }];
    if (known.includes(name) || OF_OTHERS.test(name) || !(name in values)) return [];
    return [{ name, where, meant: closest(name, known, FAULTS_IN_FILE) }];
  });
}

/** Variables of the environment whose names are almost those of settings. */
export function unknownInEnvironment(names: readonly string[], known: readonly string[]): UnknownSetting[] {
  return names.flatMap((name) => {
    if (name.length < COMPARED_FROM || known.includes(name) || OF_OTHERS.test(name)) return [];
    const meant = closest(name, known, name.length < TWO_FAULTS_FROM ? 1 : 2);
    return meant === undefined ? [] : [{ name, where: 'the environment', meant }];
  });
}

/** The setting in a sentence. */
export function describeUnknown({ name, where, meant }: UnknownSetting): string {
  if (name === undefined)
    return `${where} is not a setting and is ignored: write NAME=value, or # for a comment`;
  const hint = meant === undefined ? '.env.example lists all settings' : `did you mean ${meant}?`;
  return `${name} (${where}) is not a setting of this service and is ignored: ${hint}`;
}

function closest(name: string, known: readonly string[], faults: number): string | undefined {
  const upper = name.toUpperCase().replace(/^GRAPHOMAT_(BACKUP_)?/, '');
  const begun = known.filter((candidate) => upper.includes('_') && candidate.startsWith(`${upper}_`));
  const [best] = known
    .filter((candidate) => Math.abs(candidate.length - upper.length) <= faults)
    .map((candidate) => ({ candidate, distance: distanceOf(upper, candidate) }))
    .sort((a, b) => a.distance - b.distance);
  if (best && best.distance <= faults) return best.candidate;
  return begun.length === 1 ? begun[0] : undefined;
}

/** Levenshtein's distance, where two swapped neighbours count as one fault (optimal string alignment). */
function distanceOf(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      row[j] = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + change);
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j]!, beforeLast[j - 2]! + 1);
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length]!;
}
