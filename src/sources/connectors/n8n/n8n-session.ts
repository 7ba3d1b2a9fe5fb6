import { createHash } from 'node:crypto';
import { OutboundError } from '../../../platform/outbound/outbound-error';
import {
  elementsOf,
  isArray,
  textAt,
  valueAt,
  wholeValue,
  type CutPath,
  type Span,
} from '../../domain/json-slices';
import { isGraphDocument, timeOf } from '../../domain/tool-documents';
import {
  HISTORY_MAX,
  HISTORY_PAGES_MAX,
  type ConnectorSession,
  type ListedGraph,
  type PastGraph,
  type Push,
  type PushPlan,
  type PushResult,
  type PushWarning,
  type RemoteGraph,
} from '../connector';
import { ConnectorError, ItemError, PushRefusedError, RemoteGoneError } from '../connector-errors';
import { printableReason, type ToolClient } from '../tool-client';
import { N8nDescription } from './n8n-description';
import { refusedField, withVersion, workflowAt, writableWorkflow } from './n8n-document';

/** n8n takes up to 250; workflows are large, and a page is in memory as a whole. */
const PAGE = 50;
const HISTORY_PAGE = 50;
/** Fields that an n8n refuses although its description does not say so, at most. */
const REFUSALS_MAX = 10;
/** Of an n8n's description of its API: n8n 2.41 has 750 KB. */
const DESCRIPTION_BYTES = 2 * 1_048_576;

/** One n8n. Its list has whole workflows, but without their descriptions. */
export class N8nSession implements ConnectorSession {
  /** The public API does not say it. */
  readonly toolVersion = null;
  readonly problems: readonly string[] = [];
  private description: Promise<N8nDescription | undefined> | undefined;

  constructor(
    private readonly client: ToolClient,
    private readonly published: boolean,
  ) {}

  async *list(): AsyncGenerator<readonly ListedGraph[]> {
    for (let cursor: string | undefined = ''; cursor !== undefined;) {
      const more: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const only = this.published ? '&active=true' : '';
      const { body } = await this.client.json(`/api/v1/workflows?limit=${PAGE}${only}${more}`);
      yield itemsOf(body).map((item) => listedAt(body, item));
      cursor = textAt(body, '/nextCursor') || undefined;
    }
  }

  async read({ remoteId }: Pick<ListedGraph, 'remoteId'>): Promise<RemoteGraph> {
    const { status, body } = await this.client.json(pathOf(remoteId), { handles: [404] });
    if (status === 404) throw new RemoteGoneError('n8n does not have this workflow any more (404).');
    const whole = wholeValue(body);
    const workflow = graphAt(body, whole);
    if (!this.published) return workflow;
    const active = valueAt(body, '/activeVersion', whole);
    if (textAt(body, '/active', whole) !== 'true' || !active)
      throw new RemoteGoneError('This workflow is not published in n8n.');
    return { ...workflow, config: withVersion(workflow.config, body, active) };
  }

  /** What n8n still has: a day in the community edition, nothing in n8n 1. */
  async *history({ remoteId }: ListedGraph): AsyncGenerator<PastGraph> {
    const present = await this.client.json(pathOf(remoteId), { handles: [404] });
    if (present.status === 404) return;
    const workflow = graphAt(present.body, wholeValue(present.body));
    const [, ...older] = await this.pastVersions(remoteId);
    for (const { versionId, changedAt } of older.reverse()) {
      const path = `${pathOf(remoteId)}/versions/${encodeURIComponent(versionId)}`;
      const { status, body } = await this.client.json(path, { handles: [404] });
      if (status === 404) continue;
      yield { ...workflow, config: withVersion(workflow.config, body, wholeValue(body)), changedAt };
    }
  }

  async planPush({ remoteId, title, present, publish, config }: Push): Promise<PushPlan> {
    if (!isGraphDocument(config)) throw new PushRefusedError('This version is not a workflow of n8n.');
    const warnings: PushWarning[] = [];
    const add = (code: string, message: string) => warnings.push({ code, message });
    if (present?.status === 'archived')
      add(
        'archived',
        'The workflow is archived in n8n, which refuses changes of it. Unarchive it there first.',
      );
    if (present?.status === 'active' && publish !== false)
      add(
        'goes-live',
        'The workflow is published: the pushed state runs at once. To save a draft instead, push it as one (`publish: false`).',
      );
    if (remoteId === null)
      add('inactive', 'n8n creates the workflow with a new id and leaves it unpublished.');
    if (hasTags(config)) add('tags', 'Tags are not pushed: n8n takes them in a call of their own.');
    warnings.push(...leftOut(await this.refused(remoteId, config, title), config));
    return { action: remoteId === null ? 'create' : 'update', warnings };
  }

  /** Sends what n8n takes; a field that this release of n8n refuses is left out and named. */
  async push({ remoteId, title, config, publish, present }: Push): Promise<PushResult> {
    const refused = await this.refused(remoteId, config, title);
    const described = refused.length;
    const draft = publish === false && present?.status === 'active' ? '?publishIfActive=false' : '';
    const path = remoteId === null ? '/api/v1/workflows' : `${pathOf(remoteId)}${draft}`;
    for (;;) {
      const answer = await this.client.json(path, {
        method: remoteId === null ? 'POST' : 'PUT',
        headers: { 'content-type': 'application/json' },
        body: writableWorkflow(config, title, refused),
        // 403: also for a draft that was stored but not published, which the message says.
        handles: [400, 403, 404],
      });
      if (answer.status < 300) {
        const id = remoteId ?? textAt(answer.body, '/id');
        if (!id) throw new ConnectorError('n8n answers the new workflow without an id.');
        return { remoteId: id, warnings: leftOut(refused, config) };
      }
      const message = (answer.isJson && textAt(answer.body, '/message')) || `status ${answer.status}`;
      if (/publishIfActive/.test(message)) throw new PushRefusedError(NO_DRAFTS);
      const field = answer.status === 400 ? refusedField(message) : undefined;
      if (!field || refused.length - described >= REFUSALS_MAX || isKnown(refused, field))
        throw new PushRefusedError(`n8n refuses the workflow: ${printableReason(message)}`);
      refused.push(field);
    }
  }

  /** What this n8n refuses of a workflow, by its own description of its API; nothing if it gives none. */
  private async refused(remoteId: string | null, config: Buffer, title: string): Promise<CutPath[]> {
    this.description ??= this.describe();
    const body = writableWorkflow(config, title, []);
    return (await this.description)?.refused(body, remoteId === null ? 'POST' : 'PUT') ?? [];
  }

  private async describe(): Promise<N8nDescription | undefined> {
    try {
      const url = this.client.url('/api/v1/openapi.yml');
      const headers = { accept: 'application/yaml, */*' };
      const { body } = await this.client.send(url, { headers, maxBytes: DESCRIPTION_BYTES });
      return new N8nDescription(body);
    } catch (error) {
      // The list of fields that all releases take, and n8n's own refusals, have to do.
      if (error instanceof ConnectorError || error instanceof OutboundError) return undefined;
      throw error;
    }
  }

  /** Newest first. */
  private async pastVersions(remoteId: string): Promise<Array<{ versionId: string; changedAt: number }>> {
    const found = [];
    let cursor: string | undefined = '';
    for (let page = 0; cursor !== undefined && page < HISTORY_PAGES_MAX; page += 1) {
      const more: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const path = `${pathOf(remoteId)}/history?limit=${HISTORY_PAGE}${more}`;
      const { status, body } = await this.client.json(path, { handles: [400, 403, 404] });
      if (status >= 300) return [];
      for (const item of itemsOf(body)) {
        const versionId = textAt(body, '/versionId', item);
        const changedAt = timeOf(textAt(body, '/createdAt', item));
        if (versionId !== undefined && changedAt !== null) found.push({ versionId, changedAt });
      }
      cursor = found.length > HISTORY_MAX ? undefined : textAt(body, '/nextCursor') || undefined;
    }
    return found.slice(0, HISTORY_MAX + 1);
  }
}

function pathOf(remoteId: string): string {
  return `/api/v1/workflows/${encodeURIComponent(remoteId)}`;
}

function itemsOf(body: Buffer): Span[] {
  const list = valueAt(body, '/data');
  if (!list || !isArray(body, list.start))
    throw new ConnectorError(
      'n8n answers a list without "data". Check the address and the kind of the source.',
    );
  return [...elementsOf(body, list.start)];
}

/** The time alone would do for changes in the editor, but publishing keeps it, and so do tags. */
function listedAt(body: Buffer, item: Span): ListedGraph {
  const remoteId = textAt(body, '/id', item);
  if (remoteId === undefined || remoteId === '')
    throw new ConnectorError('n8n lists a workflow without an id.');
  if (!valueAt(body, '/nodes', item))
    throw new ConnectorError(
      'n8n lists a workflow without nodes. Check the address and the kind of the source.',
    );
  const digest = createHash('sha256').update(workflowAt(body, item));
  const published = `${textAt(body, '/active', item)} ${textAt(body, '/activeVersionId', item)}`;
  return {
    remoteId,
    title: textAt(body, '/name', item) ?? remoteId,
    signal: `${textAt(body, '/updatedAt', item) ?? ''} ${digest.update(published).digest('base64url')}`,
  };
}

function graphAt(body: Buffer, item: Span): RemoteGraph {
  const config = workflowAt(body, item);
  if (!valueAt(config, '/nodes')) throw new ItemError('n8n answers this workflow without nodes.');
  const isArchived = textAt(body, '/isArchived', item) === 'true';
  const isActive = textAt(body, '/active', item) === 'true';
  return {
    title: textAt(body, '/name', item) ?? textAt(body, '/id', item) ?? 'Workflow',
    description: textAt(body, '/description', item) ?? null,
    config,
    status: isArchived ? 'archived' : isActive ? 'active' : 'draft',
    changedAt: timeOf(textAt(body, '/updatedAt', item)),
    revision: textAt(body, '/versionId', item) ?? null,
  };
}

function hasTags(config: Buffer): boolean {
  const tags = valueAt(config, '/tags');
  return tags !== undefined && isArray(config, tags.start) && [...elementsOf(config, tags.start)].length > 0;
}

function isKnown(refused: readonly CutPath[], field: CutPath): boolean {
  return refused.some((path) => path.join('/') === field.join('/'));
}

const NO_DRAFTS =
  'This n8n keeps no drafts of published workflows (n8n 1). Unpublish the workflow there first, or let the pushed state run at once.';

/** One warning for each field that is left out; nothing is lost of an empty one, which n8n 1 answers and does not take. */
function leftOut(paths: readonly CutPath[], config: Buffer): PushWarning[] {
  const isEmpty = (path: CutPath) => {
    const found = path.length === 1 ? valueAt(config, `/${path[0]}`) : undefined;
    return (
      found !== undefined &&
      /^(null|\{\s*\}|\[\s*\])$/.test(
        config.toString('utf8', found.start, Math.min(found.end, found.start + 100)),
      )
    );
  };
  return paths
    .filter((path) => !isEmpty(path))
    .map((path) => ({
      code: 'field-refused',
      message: `This n8n does not take "${path.join('.')}", so it was left out.`,
    }));
}
