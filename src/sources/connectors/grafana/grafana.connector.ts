import { Injectable } from '@nestjs/common';
import type { Fields, FieldRules } from '../../domain/fields';
import { fingerprintWithout } from '../../domain/fingerprint';
import { elementsOf, textAt, valueAt } from '../../domain/json-slices';
import type { Connection, Connector, ConnectorSession } from '../connector';
import { notTheTool } from '../connector-errors';
import { ToolClient } from '../tool-client';
import { GrafanaResourceSession } from './grafana-resource-session';
import { GrafanaLegacySession } from './grafana-legacy-session';

/** Versions of the dashboard API in which a list is asked for, the most stable first. */
const LIST_VERSIONS = ['v1', 'v1beta1', 'v2', 'v2beta1', 'v2alpha1', 'v0alpha1', 'v1alpha1'];

/** Grafana: dashboards by `/apis` (12 and newer), else by the older `/api`. */
@Injectable()
export class GrafanaConnector implements Connector {
  readonly kind = 'grafana';
  readonly options: FieldRules = {
    namespace: {
      type: 'text',
      max: 100,
      pattern: /^[a-z0-9-]+$/,
      must: 'must be a namespace such as default, org-2 or stacks-123',
      about: 'The namespace of the organisation; found by itself without it.',
    },
  };
  readonly credentials: FieldRules = {
    token: {
      type: 'text',
      max: 10_000,
      about: 'A token of a service account (`glsa_…`) that may read dashboards and folders.',
    },
    username: { type: 'text', max: 500, about: 'For basic authentication, with `password`.' },
    password: { type: 'text', max: 10_000, about: 'For basic authentication, with `username`.' },
  };

  faults(_options: Fields, { token, username, password }: Fields): Array<{ field: string; message: string }> {
    if (token !== undefined || (username !== undefined && password !== undefined)) return [];
    return [{ field: 'credentials.token', message: 'is required, or username and password' }];
  }

  async connect(connection: Connection): Promise<ConnectorSession> {
    const client = new ToolClient(connection, 'Grafana');
    client.headers = { authorization: authorizationOf(connection.credentials) };
    const version = await this.listVersion(client);
    const { toolVersion, namespace } = await settingsOf(client);
    if (version === undefined) return new GrafanaLegacySession(client, toolVersion);
    const own = connection.options['namespace'];
    return new GrafanaResourceSession(client, toolVersion, version, String(own ?? namespace ?? 'default'));
  }

  fingerprint(config: Buffer): Buffer {
    return fingerprintWithout(config, []);
  }

  /** A push leaves the folder, labels and annotations of a resource as they are. */
  pushedFingerprint(config: Buffer): Buffer {
    return fingerprintWithout(config, valueAt(config, '/spec') ? [['metadata']] : []);
  }

  /** The version of `/apis` to list with; undefined where there is none. */
  private async listVersion(client: ToolClient): Promise<string | undefined> {
    const answer = await client.json('/apis/dashboard.grafana.app', { handles: [404] });
    const list = answer.status === 404 ? undefined : valueAt(answer.body, '/versions');
    if (!list) return undefined;
    const known = new Set(
      [...elementsOf(answer.body, list.start)].map((item) => textAt(answer.body, '/version', item)),
    );
    return LIST_VERSIONS.find((version) => known.has(version));
  }
}

function authorizationOf({ token, username, password }: Fields): string {
  if (token !== undefined) return `Bearer ${String(token)}`;
  return `Basic ${Buffer.from(`${String(username)}:${String(password)}`).toString('base64')}`;
}

async function settingsOf(client: ToolClient): Promise<{ toolVersion: string | null; namespace?: string }> {
  const { status, body, isJson } = await client.json('/api/frontend/settings', { handles: [401, 403, 404] });
  if (status >= 300 || !isJson) return { toolVersion: null };
  const namespace = textAt(body, '/namespace');
  if (!valueAt(body, '/buildInfo'))
    throw notTheTool('Grafana', 'its answer to /api/frontend/settings names no build');
  return { toolVersion: textAt(body, '/buildInfo/version') ?? null, ...(namespace && { namespace }) };
}
