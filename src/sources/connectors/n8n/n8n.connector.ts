import { Injectable } from '@nestjs/common';
import type { FieldRules } from '../../domain/fields';
import { fingerprintWithout } from '../../domain/fingerprint';
import type { Connection, Connector, ConnectorSession } from '../connector';
import { ToolClient } from '../tool-client';
import { N8nSession } from './n8n-session';

/** n8n 1 and 2 by their public API (`/api/v1`), with an API key. */
@Injectable()
export class N8nConnector implements Connector {
  readonly kind = 'n8n';
  readonly options: FieldRules = {
    state: {
      type: 'choice',
      choices: ['drafts', 'published'],
      default: 'drafts',
      about:
        'Which state is pulled: `drafts` as the editor shows it, or the `published` version alone. n8n 2 saves drafts by itself; `min_minutes` bounds how many become versions.',
    },
  };
  readonly credentials: FieldRules = {
    api_key: {
      type: 'text',
      max: 10_000,
      required: true,
      about: 'An API key of n8n with the scopes `workflow:list` and `workflow:read`.',
    },
  };

  connect(connection: Connection): Promise<ConnectorSession> {
    const client = new ToolClient(connection, 'n8n');
    client.headers = { 'x-n8n-api-key': String(connection.credentials['api_key']) };
    return Promise.resolve(new N8nSession(client, connection.options['state'] === 'published'));
  }

  fingerprint(config: Buffer): Buffer {
    return fingerprintWithout(config, []);
  }

  /** Tags are set by a call of their own, and an archived workflow takes no changes. */
  pushedFingerprint(config: Buffer): Buffer {
    return fingerprintWithout(config, [['tags'], ['isArchived']]);
  }
}
