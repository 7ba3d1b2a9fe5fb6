import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, untilListening } from './programs';

/** The proxy of docker-compose.yml. */
export interface Caddy {
  url: string;
  stop(): Promise<void>;
}

/** Starts Caddy with deploy/caddy/Caddyfile in front of the services at these URLs. */
export async function startCaddy(services: readonly string[]): Promise<Caddy> {
  const folder = mkdtempSync(join(tmpdir(), 'graphomat-test-caddy-'));
  const port = await freePort();
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    PROXY_PORT: String(port),
    UPSTREAMS: services.map((url) => new URL(url).host).join(' '),
  };
  const file = join(__dirname, '..', '..', 'deploy', 'caddy', 'Caddyfile');
  const child = spawn('caddy', ['run', '--adapter', 'caddyfile', '--config', file], { env, stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await untilListening(port, 'Caddy');
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
