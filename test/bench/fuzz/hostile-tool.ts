import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HOSTILE_NAMES, hostileGraphs } from '../../support/hostile-names';

/** A server for sources and webhooks: lists of hostile graphs, no JSON, lists that never end, errors. */
export class HostileTool {
  private constructor(
    /** Addresses that a source or a webhook may have. */
    readonly addresses: readonly string[],
    readonly close: () => void,
  ) {}

  static async start(): Promise<HostileTool> {
    const graphs = HOSTILE_NAMES.flatMap((name) => [...hostileGraphs(name).values()]);
    let asked = 0;
    const server = createServer((request, response) => {
      const place = new URL(request.url ?? '/', 'http://tool').pathname;
      asked += 1;
      request.resume();
      const graph = graphs[asked % graphs.length]!;
      const name = JSON.stringify(HOSTILE_NAMES[asked % HOSTILE_NAMES.length]);
      if (place.startsWith('/broken')) response.writeHead(500).end('<html>');
      else if (place.startsWith('/text')) response.end('['.repeat(1_000));
      else if (place.startsWith('/endless'))
        response
          .writeHead(200, { link: `</endless?page=${asked}>; rel="next"` })
          .end(`[{"id":"${asked}","name":${name},"graph":${graph}}]`);
      else response.end(`[{"id":${name},"name":${name},"type":${name},"x":${graph}}]`);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const addresses = ['', '/list', '/broken', '/text', '/endless'].map((path) => url + path);
    return new HostileTool([...addresses, 'http://127.0.0.1:9', 'http://nowhere.invalid'], () => {
      server.close();
      server.closeAllConnections();
    });
  }
}
