import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Passes connections on to a service that may be replaced by another one, as a restart on the same port does. */
export interface Proxy {
  url: string;
  /** Where new connections go from now on. */
  target: (url: string) => void;
  close: () => Promise<void>;
}

export async function startProxy(first: string): Promise<Proxy> {
  let port = Number(new URL(first).port);
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const service = connect(port, '127.0.0.1');
    for (const [socket, other] of [
      [client, service],
      [service, client],
    ] as const) {
      open.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        open.delete(socket);
        other.destroy();
      });
    }
    client.pipe(service).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    target: (url) => (port = Number(new URL(url).port)),
    close: () => {
      for (const socket of open) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
