import { HttpConnector } from '../../../src/sources/connectors/generic-http/http.connector';
import type { ConnectorCase } from './connector-case';
import { FLOW_OPTIONS, FlowServer } from './fake-tool';

/** The `http` connector against a server with its own list and one address for each document. */
export const HTTP_CASE: ConnectorCase = {
  name: 'http',
  connector: new HttpConnector(),
  start: async () => {
    const server = await FlowServer.start();
    const handle = server.tool.handle;
    server.tool.handle = (call) =>
      call.headers.authorization === 'Bearer right' ? handle(call) : { status: 401, json: {} };
    const textOf = (content: number) => `{ "v": ${content}.0 }`;
    return {
      tool: server.tool,
      url: server.url,
      options: FLOW_OPTIONS,
      credentials: { token: 'right' },
      wrongCredentials: { token: 'wrong-secret' },
      put: (name, content) => {
        server.put(name, textOf(content), `Title of ${name}`);
        return { remoteId: name, title: `Title of ${name}`, config: textOf(content) };
      },
      touch: (name) => server.put(name, server.flows.get(name)!.text, `Title of ${name}`),
      remove: (name) => void server.flows.delete(name),
      close: () => server.close(),
    };
  },
};
