import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { AppConfig } from '../platform/config/app-config';
import { CONSOLE_CONTENT_SECURITY_POLICY } from '../platform/http/browser-safety';
import { Log } from '../platform/logging/log';
import { ASSETS_PREFIX, CONSOLE_SCREENS } from './console-page';

/** `dist/console/public`, seen from the built service and from the sources, which tests run. */
const FOLDERS = [join(__dirname, 'public'), join(__dirname, '..', '..', 'dist', 'console', 'public')];

const PAGE_HEADERS = {
  'content-security-policy': CONSOLE_CONTENT_SECURITY_POLICY,
  'content-type': 'text/html; charset=utf-8',
  // The page names the current build; the files that it names never change.
  'cache-control': 'no-cache',
};

/** Serves the web console at `/`: static files, which use the public API like every other client. */
@Injectable()
export class ConsoleService implements OnModuleInit {
  constructor(
    private readonly host: HttpAdapterHost,
    private readonly config: AppConfig,
    private readonly log: Log,
  ) {}

  onModuleInit(): void {
    if (this.config.get('CONSOLE') === 'off') return;
    const folder = FOLDERS.find((candidate) => existsSync(join(candidate, 'index.html')));
    if (folder === undefined) {
      this.log.warn('the web console is not built: run "npm run build", or set CONSOLE=off');
      return;
    }
    this.serve(this.host.httpAdapter.getInstance<FastifyInstance>(), folder);
  }

  /** The build assumes the default prefix of the API. */
  private withPrefix(html: string): Buffer {
    const prefix = this.config.get('API_V1_STR');
    return Buffer.from(
      html.replace('name="graphomat-api" content="/api/v1"', `name="graphomat-api" content="${prefix}"`),
    );
  }

  private serve(server: FastifyInstance, folder: string): void {
    const page = this.withPrefix(readFileSync(join(folder, 'index.html'), 'utf8'));
    const answer = (_: unknown, reply: FastifyReply) => reply.headers(PAGE_HEADERS).send(page);
    const icon = readFileSync(join(folder, 'favicon.svg'));
    server.get('/', answer);
    server.get('/favicon.svg', (_, reply) =>
      reply.headers({ 'content-type': 'image/svg+xml', 'cache-control': 'max-age=3600' }).send(icon),
    );
    for (const screen of CONSOLE_SCREENS) {
      server.get(`/${screen}`, answer);
      server.get(`/${screen}/*`, answer);
    }
    // Not awaited: that would boot Fastify before Nest has set its error handler.
    void server.register(fastifyStatic, {
      root: join(folder, 'assets'),
      prefix: ASSETS_PREFIX,
      decorateReply: false,
      index: false,
      preCompressed: true,
      immutable: true,
      maxAge: '365d',
    });
  }
}
