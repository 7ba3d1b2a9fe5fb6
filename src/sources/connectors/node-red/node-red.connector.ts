import { Injectable } from '@nestjs/common';
import type { FieldRules, Fields } from '../../domain/fields';
import { fingerprintWithout } from '../../domain/fingerprint';
import { isArray, textAt, valueAt } from '../../domain/json-slices';
import type {
  Connection,
  Connector,
  ConnectorSession,
  ListedGraph,
  Push,
  PushPlan,
  PushResult,
  PushWarning,
  RemoteGraph,
} from '../connector';
import { ConnectorError, PushConflictError, PushRefusedError, notTheTool } from '../connector-errors';
import { counted, countedNames, shownNames } from '../counted-names';
import { ToolClient, printableReason, type JsonResponse } from '../tool-client';
import { lostCredentials, missingTypes, plainSecrets, readNodes, withoutCredentials } from './flow-file';

const TOOL = 'Node-RED';
/** A Node-RED has one document: all its flows. */
const REMOTE_ID = 'flows';
const V2 = { 'node-red-api-version': 'v2' };
/** Flows are restarted by a write; a large installation takes its time, ms. */
const DEPLOY_MS = 120_000;

const OPTIONS: FieldRules = {
  deployment: {
    type: 'choice',
    choices: ['full', 'flows', 'nodes'],
    default: 'full',
    about: 'What a push restarts: all flows, changed flows, or changed nodes.',
  },
};
const CREDENTIALS: FieldRules = {
  username: {
    type: 'text',
    max: 500,
    about: 'The user of the editor; its permission `read` is enough for reading.',
  },
  password: { type: 'text', max: 10_000, about: 'The password of the user.' },
  token: { type: 'text', max: 10_000, about: 'An access token, instead of user and password.' },
};

/** Node-RED 1 to 5 by its Admin API, version 2. */
@Injectable()
export class NodeRedConnector implements Connector {
  readonly kind = 'node-red';
  readonly options = OPTIONS;
  readonly credentials = CREDENTIALS;

  faults(_: Fields, { username, password }: Fields): Array<{ field: string; message: string }> {
    if ((username === undefined) === (password === undefined)) return [];
    return [{ field: 'credentials.password', message: 'must be given together with username' }];
  }

  async connect(connection: Connection): Promise<ConnectorSession> {
    const client = new ToolClient(connection, TOOL);
    const scheme = await signInScheme(client);
    if (scheme === 'credentials') client.headers = await signIn(client, connection.credentials);
    else if (scheme !== 'open' && connection.credentials['token'] === undefined)
      throw new ConnectorError(
        `${TOOL} signs users in with "${printableReason(scheme)}", which a service cannot do. Give an access token.`,
      );
    const { token } = connection.credentials;
    if (token !== undefined) client.headers = { authorization: `Bearer ${token}` };
    const version = textAt((await client.json('/settings')).body, '/version');
    if (version === undefined) throw notTheTool(TOOL, 'its settings name no version');
    return new NodeRedSession(client, version, String(connection.options['deployment'] ?? 'full'));
  }

  fingerprint(config: Buffer): Buffer {
    return fingerprintWithout(config, []);
  }
}

class NodeRedSession implements ConnectorSession {
  readonly problems: readonly string[] = [];

  constructor(
    private readonly client: ToolClient,
    readonly toolVersion: string,
    private readonly deployment: string,
  ) {}

  async *list(): AsyncGenerator<readonly ListedGraph[]> {
    const graph = await this.read();
    // The list and the document are one answer, so there is nothing to save by a signal.
    yield [{ remoteId: REMOTE_ID, title: graph.title, signal: null, graph }];
  }

  async read(): Promise<RemoteGraph> {
    const { body } = await this.client.json('/flows', { headers: V2 });
    const flows = valueAt(body, '/flows');
    const revision = textAt(body, '/rev');
    if (!flows || !isArray(body, flows.start) || revision === undefined)
      throw new ConnectorError(`${TOOL} answers without flows and their revision. Check the address.`);
    return {
      title: 'Node-RED flows',
      config: Buffer.from(body.subarray(flows.start, flows.end)),
      changedAt: null,
      revision,
    };
  }

  async planPush({ config, present }: Push): Promise<PushPlan> {
    const nodes = readNodes(config);
    const current = present ? readNodes(present.config) : [];
    const warnings: PushWarning[] = [];
    const missing = missingTypes(nodes, await this.installedTypes());
    if (missing.length > 0)
      warnings.push({
        code: 'missing-node-types',
        message: `${TOOL} lacks ${countedNames(missing, 'node type')}. The flows stop until all are installed.`,
      });
    const lost = lostCredentials(nodes, current);
    if (lost.length > 0)
      warnings.push({
        code: 'credentials-lost',
        message: `${counted(lost.length, 'node')} ${lost.length === 1 ? 'exists' : 'exist'} in this version only: ${shownNames(lost)}. ${TOOL} has forgotten any credentials of ${lost.length === 1 ? 'it' : 'them'}: enter them again if needed.`,
      });
    const secrets = plainSecrets(nodes);
    if (secrets > 0)
      warnings.push({
        code: 'plain-secrets',
        message: `The document holds ${counted(secrets, 'environment variable')} of the type "credential" in plain text.`,
      });
    return { action: 'update', warnings };
  }

  async push({ config, present }: Push): Promise<PushResult> {
    const rev = present?.revision;
    const body = Buffer.concat([
      Buffer.from(rev === null || rev === undefined ? '{' : `{"rev":${JSON.stringify(rev)},`),
      Buffer.from('"flows":'),
      withoutCredentials(config),
      Buffer.from('}'),
    ]);
    const answer = await this.client.json('/flows', {
      method: 'POST',
      headers: { ...V2, 'content-type': 'application/json', 'node-red-deployment-type': this.deployment },
      body,
      handles: [400, 401, 409],
      timeoutMs: DEPLOY_MS,
    });
    refuse(answer);
    return { remoteId: REMOTE_ID };
  }

  private async installedTypes(): Promise<ReadonlySet<string>> {
    const { body } = await this.client.json('/nodes');
    const sets = JSON.parse(body.toString('utf8')) as unknown;
    const list = Array.isArray(sets) ? (sets as Array<{ types?: unknown; enabled?: unknown }>) : [];
    const types = list.filter(({ enabled }) => enabled !== false).flatMap((set) => set.types ?? []);
    return new Set(types.filter((type): type is string => typeof type === 'string'));
  }
}

/** `open`, `credentials`, or the name of another scheme. */
async function signInScheme(client: ToolClient): Promise<string> {
  const { body } = await client.json('/auth/login');
  const type = textAt(body, '/type');
  if (type !== undefined) return type;
  const isEmpty = body.toString('utf8').replace(/\s/g, '') === '{}';
  if (!isEmpty) throw notTheTool(TOOL, 'its answer to /auth/login names no way to sign in');
  return 'open';
}

/** Signs in once for each connection: a token lives for days, a connection for minutes. */
async function signIn(
  client: ToolClient,
  { username, password, token }: Fields,
): Promise<Record<string, string>> {
  if (token !== undefined) return {};
  if (username === undefined) throw new ConnectorError(`${TOOL} wants credentials: a user and a password.`);
  const request = { client_id: 'node-red-admin', grant_type: 'password', username, password };
  for (const scope of ['*', 'read']) {
    const answer = await client.json('/auth/token', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...request, scope }),
      handles: [400, 401, 403],
    });
    const accessToken = answer.status < 300 ? textAt(answer.body, '/access_token') : undefined;
    if (accessToken !== undefined) return { authorization: `Bearer ${accessToken}` };
  }
  throw new ConnectorError(`${TOOL} refuses the credentials.`);
}

function refuse(answer: JsonResponse): void {
  const { status } = answer;
  if (status === 409) throw new PushConflictError(`${TOOL} was deployed by somebody else in the meantime.`);
  if (status === 401)
    throw new PushRefusedError(`${TOOL} does not let this user deploy: the permission is "read" only (401).`);
  if (status !== 400) return;
  const reason = answer.isJson ? (textAt(answer.body, '/message') ?? '') : '';
  throw new PushRefusedError(
    `${TOOL} refuses the flows: ${printableReason(reason) || 'no reason given'} (400).`,
  );
}
