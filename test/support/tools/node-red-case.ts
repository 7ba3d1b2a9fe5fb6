import { NodeRedConnector } from '../../../src/sources/connectors/node-red/node-red.connector';
import type { ConnectorCase } from './connector-case';
import { FakeNodeRed } from './fake-node-red';

const CREDENTIALS = { username: 'admin', password: 'pw12345' };

function nodeRed(name: string, isOpen: boolean): ConnectorCase {
  return {
    name,
    connector: new NodeRedConnector(),
    start: async () => {
      const fake = await FakeNodeRed.start();
      if (isOpen) fake.users.clear();
      return {
        tool: fake.tool,
        url: fake.url,
        options: {},
        credentials: isOpen ? {} : CREDENTIALS,
        wrongCredentials: isOpen ? null : { ...CREDENTIALS, password: 'wrong-secret' },
        put: (label, content) => {
          fake.deploy([
            { id: 't1', type: 'tab', label },
            { id: 'i1', type: 'inject', z: 't1', repeat: String(content), x: 120.5, wires: [[]] },
          ]);
          return { remoteId: 'flows', title: 'Node-RED flows', config: JSON.stringify(fake.flows) };
        },
        touch: () => fake.deploy([...fake.flows]),
        remove: () => undefined,
        close: () => fake.close(),
      };
    },
  };
}

/** Node-RED with users, and without. */
export const NODE_RED_CASES = [nodeRed('node-red', false), nodeRed('node-red, open', true)];
