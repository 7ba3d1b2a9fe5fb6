import { Injectable } from '@nestjs/common';
import { parseCookie, stringifySetCookie, type SetCookie } from 'cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppConfig } from '../../platform/config/app-config';
import { AppError } from '../../platform/errors/app-error';

/** The name of the cookie that holds a browser's refresh token. */
export const SESSION_COOKIE = 'graphomat_session';
/** The only routes that get the cookie, below `auth/`. A cookie has one path, so there are two of them. */
const ROUTES = ['refresh', 'logout'];
const DAY_SECONDS = 86_400;

/**
 * Keeps the refresh token of a browser in cookies that no script can read and no other site can make it send.
 * A client asks for them with `session: "cookie"`; all others get the refresh token in the response.
 */
@Injectable()
export class SessionCookies {
  private readonly paths: readonly string[];
  private readonly maxAge: number;
  private readonly publicHost: string | undefined;

  constructor(config: AppConfig) {
    this.paths = ROUTES.map((route) => `${config.get('API_V1_STR')}/auth/${route}`);
    this.maxAge = config.get('REFRESH_TOKEN_EXPIRE_DAYS') * DAY_SECONDS;
    const url = config.get('PUBLIC_URL');
    this.publicHost = url === undefined ? undefined : new URL(url).host;
  }

  /** The refresh token of the request's cookie, if there is one. Throws a 403 if another site made the request. */
  read(request: FastifyRequest): string | undefined {
    this.requireOwnPage(request);
    return parseCookie(request.headers.cookie ?? '')[SESSION_COOKIE];
  }

  /** Sets the cookies, for as long as the refresh token lives. */
  keep(request: FastifyRequest, reply: FastifyReply, refreshToken: string): void {
    this.send(request, reply, refreshToken, this.maxAge);
  }

  /** Removes the cookies from the browser. */
  clear(request: FastifyRequest, reply: FastifyReply): void {
    this.send(request, reply, '', 0);
  }

  /**
   * Throws a 403 unless a page of this service made the request. Browsers add `Sec-Fetch-Site` over https and on
   * localhost, and `Origin` to every POST; no script can set either of them.
   */
  requireOwnPage({ headers, host }: FastifyRequest): void {
    const site = headers['sec-fetch-site'];
    const isOwn = site === undefined ? this.isOwnOrigin(headers.origin, host) : site === 'same-origin';
    if (isOwn) return;
    throw new AppError(
      'forbidden',
      'cross-origin-session',
      'Sessions with a cookie are for pages of this service only. Ask for a refresh token in the response: leave out "session".',
    );
  }

  private isOwnOrigin(origin: string | undefined, host: string): boolean {
    if (origin === undefined || !URL.canParse(origin)) return false;
    const from = new URL(origin).host;
    return from !== '' && (from === host.toLowerCase() || from === this.publicHost);
  }

  private send(request: FastifyRequest, reply: FastifyReply, value: string, maxAge: number): void {
    const common: SetCookie = { name: SESSION_COOKIE, value, maxAge, httpOnly: true, sameSite: 'strict' };
    const secure = request.protocol === 'https';
    const cookies = this.paths.map((path) => stringifySetCookie({ ...common, path, secure }));
    void reply.header('set-cookie', cookies);
  }
}
