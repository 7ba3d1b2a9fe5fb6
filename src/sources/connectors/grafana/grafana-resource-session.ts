import { elementsOf, isArray, textAt, valueAt, wholeValue, type Span } from '../../domain/json-slices';
import { timeOf } from '../../domain/tool-documents';
import type { ConnectorSession, ListedGraph, RemoteGraph } from '../connector';
import { ConnectorError, ItemError, RemoteGoneError } from '../connector-errors';
import type { ToolClient } from '../tool-client';
import { resourceAt } from './grafana-documents';

/** The list has whole dashboards, so a page is in memory as a whole. They lack what a read one has, so each is read. */
const PAGE = 50;

/** A Grafana with `/apis` (12 and newer). Each dashboard is read in the version in which Grafana stores it. */
export class GrafanaResourceSession implements ConnectorSession {
  readonly problems: readonly string[] = [];

  constructor(
    private readonly client: ToolClient,
    readonly toolVersion: string | null,
    private readonly listVersion: string,
    private readonly namespace: string,
  ) {}

  async *list(): AsyncGenerator<readonly ListedGraph[]> {
    for (let next: string | undefined = ''; next !== undefined;) {
      const more: string = next === '' ? '' : `&continue=${encodeURIComponent(next)}`;
      const { body } = await this.client.json(`${this.path(this.listVersion)}?limit=${PAGE}${more}`);
      const list = valueAt(body, '/items');
      if (!list || !isArray(body, list.start))
        throw new ConnectorError(
          'Grafana answers a list without "items". Check the address and the kind of the source.',
        );
      yield [...elementsOf(body, list.start)].map((item) => this.listed(body, item));
      next = textAt(body, '/metadata/continue') || undefined;
    }
  }

  async read({ remoteId }: Pick<ListedGraph, 'remoteId'>): Promise<RemoteGraph> {
    const body = await this.get(this.listVersion, remoteId);
    const stored = storedVersion(body, wholeValue(body));
    if (stored === undefined || stored === this.listVersion) return graphAt(body, wholeValue(body));
    // Another version is a conversion, which can lose the layout.
    const original = await this.get(stored, remoteId);
    return graphAt(original, wholeValue(original));
  }

  private listed(body: Buffer, item: Span): ListedGraph {
    const remoteId = textAt(body, '/metadata/name', item);
    if (remoteId === undefined || remoteId === '')
      throw new ConnectorError('Grafana lists a dashboard without a name.');
    const title = textAt(body, '/spec/title', item) ?? remoteId;
    const signal = textAt(body, '/metadata/resourceVersion', item) ?? null;
    return { remoteId, title, signal };
  }

  private async get(version: string, remoteId: string): Promise<Buffer> {
    const path = `${this.path(version)}/${encodeURIComponent(remoteId)}`;
    const { status, body } = await this.client.json(path, { handles: [404] });
    if (status === 404) throw new RemoteGoneError('Grafana does not have this dashboard any more (404).');
    return body;
  }

  private path(version: string): string {
    return `/apis/dashboard.grafana.app/${version}/namespaces/${this.namespace}/dashboards`;
  }
}

/** The version in which Grafana stores a dashboard, where that is another one than the one that was asked for. */
function storedVersion(body: Buffer, item: Span): string | undefined {
  const stored = textAt(body, '/status/conversion/storedVersion', item);
  return stored !== undefined && /^v[0-9][a-z0-9]{0,20}$/.test(stored) ? stored : undefined;
}

function graphAt(body: Buffer, item: Span): RemoteGraph {
  if (!valueAt(body, '/spec', item)) throw new ItemError('Grafana answers this dashboard without a spec.');
  const annotation = '/metadata/annotations/grafana.app~1updatedTimestamp';
  const changed = textAt(body, annotation, item) ?? textAt(body, '/metadata/creationTimestamp', item);
  return {
    title: textAt(body, '/spec/title', item) ?? textAt(body, '/metadata/name', item) ?? 'Dashboard',
    config: resourceAt(body, item),
    changedAt: timeOf(changed),
    revision: textAt(body, '/metadata/resourceVersion', item) ?? null,
  };
}
