/** What a sentence is about. */
export interface SentenceParts {
  title: string | null;
  version: number | null;
  details: Readonly<Record<string, unknown>> | null;
}

const TITLE_MAX = 120;
const REASON_MAX = 300;

const GRAPH_VERBS: Readonly<Record<string, string>> = {
  'graph.created': 'was created',
  'graph.updated': 'was changed',
  'graph.deleted': 'was moved to the trash',
  'graph.recovered': 'was taken out of the trash',
  'graph.restored': 'was restored from an earlier version',
  'graph.imported': 'was imported',
  'graph.purged': 'was purged',
};

const CONDITIONS: Readonly<Record<string, string>> = {
  'backup.stale': 'The backup is stale',
  'verification.failed': 'The verification of the backup has failed',
  'retention.stopped': 'Retention has stopped',
  'source.failing': 'A source fails',
  'source.recovered': 'A source works again',
  'storage.low': 'Storage is running low',
  'seals.broken': 'The audit log differs from its seals',
};

/** One sentence about an event, for people. It stays on one line, whatever titles and reasons contain. */
export function eventSentence(type: string, { title, version, details }: SentenceParts): string {
  const verb = new Map(Object.entries(GRAPH_VERBS)).get(type);
  if (verb !== undefined) {
    const name = title === null ? 'A graph' : `Graph “${oneLine(title, TITLE_MAX)}”`;
    return `${name} ${verb}${version === null ? '' : ` (version ${version})`}.`;
  }
  const condition = new Map(Object.entries(CONDITIONS)).get(type) ?? type;
  const reason = details?.['reason'];
  const isOver = details?.['state'] === 'over';
  const more = typeof reason === 'string' && reason !== '' ? `: ${oneLine(reason, REASON_MAX)}` : '.';
  return isOver ? `Over: ${condition}${more}` : `${condition}${more}`;
}

function oneLine(text: string, max: number): string {
  const line = text
    .toWellFormed()
    .replace(/[\s\p{Cc}\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]+/gu, ' ')
    .trim();
  return line.length <= max ? line : `${line.slice(0, max - 2).toWellFormed()} …`;
}
