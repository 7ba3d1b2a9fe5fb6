import type { IncomingMessage, ServerResponse } from 'node:http';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import helmet from 'helmet';
import type { AppConfig } from '../config/app-config';
import { setOwnMember } from '../hardening/own-member';

/** What scripts of other origins may read besides the body. */
const EXPOSED = ['ETag', 'Last-Modified', 'Link', 'Location', 'Retry-After', 'X-Request-Id', 'X-Total-Count'];
const PREFLIGHT_SECONDS = 600;

const HELMET = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    // As much as Swagger UI needs; answers of the API are no pages.
    directives: {
      defaultSrc: ["'self'"],
      imgSrc: ["'self'", 'data:'],
      styleSrc: ["'self'", "'unsafe-inline'"],
      objectSrc: ["'none'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
    },
  },
  xFrameOptions: { action: 'deny' },
  referrerPolicy: { policy: 'no-referrer' },
});

/**
 * The headers that tell browsers what not to do with our answers, and CORS for the origins of CORS_ORIGINS, for
 * nobody when there are none. Cookies are not used, so no origin is ever allowed credentials.
 */
export function protectBrowsers(app: NestFastifyApplication, config: AppConfig): void {
  const headers = safetyHeaders();
  const server: FastifyInstance = app.getHttpAdapter().getInstance();
  server.addHook('onRequest', (_request, reply, done) => {
    void reply.headers(headers);
    done();
  });
  const origins = config.get('CORS_ORIGINS');
  if (origins.length === 0) return;
  app.enableCors({
    origin: [...origins],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposedHeaders: EXPOSED,
    maxAge: PREFLIGHT_SECONDS,
  });
}

/**
 * What helmet sets, asked for once: with these options it is the same for every request, and building it anew takes
 * a tenth of what a GET costs.
 */
function safetyHeaders(): Record<string, string> {
  const headers: Record<string, string> = {};
  const answer = {
    setHeader: (name: string, value: string) => setOwnMember(headers, name.toLowerCase(), value),
    removeHeader: () => undefined,
  };
  HELMET({} as IncomingMessage, answer as unknown as ServerResponse, (error) => {
    if (error) throw new Error('helmet does not take its options', { cause: error });
  });
  return headers;
}
