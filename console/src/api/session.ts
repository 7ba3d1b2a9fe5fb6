import { ApiError, errorOf, offline } from './problem';
import type { components } from './schema';
import { Store } from './store';

type Tokens = components['schemas']['TokenView'];
export type User = components['schemas']['UserView'];

/**
 * - `starting`: the page has just been loaded and asks for the session of its cookie;
 * - `out`: no one is signed in;
 * - `in`: signed in;
 * - `expired`: the session of `user` has ended while the page was open; the password dialog is shown.
 */
export type SessionState =
  { phase: 'starting' } | { phase: 'out' } | { phase: 'in'; user: User } | { phase: 'expired'; user: User };

/** Whether this browser has a session cookie, which scripts cannot see. Saves a refused request on the first visit. */
const HINT = 'graphomat-session';
const JSON_TYPE = { 'content-type': 'application/json' };

export const API = document.querySelector<HTMLMetaElement>('meta[name=graphomat-api]')?.content ?? '/api/v1';

export const session = new Store<SessionState>({ phase: 'starting' });

let accessToken: string | null = null;
let refreshing: Promise<boolean> | null = null;

/** `fetch` below the API's prefix with the access token; throws an ApiError if no answer comes. */
export async function send(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  if (accessToken !== null) headers.set('authorization', `Bearer ${accessToken}`);
  try {
    return await fetch(API + path, { ...init, headers, credentials: 'same-origin' });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw offline();
  }
}

/** Continues the session of the cookie after a load of the page. */
export async function resumeSession(): Promise<void> {
  if (!hasHint()) return setOut();
  try {
    if (await refresh()) session.value = { phase: 'in', user: await readUser() };
    else setOut();
  } catch (error) {
    if (!(error instanceof ApiError) || (!error.isOffline && error.status < 500)) return setOut();
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    return resumeSession();
  }
}

/** Signs in. Throws an ApiError for a wrong pair. */
export async function signIn(email: string, password: string): Promise<void> {
  const body = JSON.stringify({ email, password, session: 'cookie' });
  const response = await send('/auth/login', { method: 'POST', headers: JSON_TYPE, body });
  if (!response.ok) throw await errorOf(response);
  accessToken = ((await response.json()) as Tokens).access_token;
  setHint(true);
  session.value = { phase: 'in', user: await readUser() };
}

/** Ends the session, here and in the service. */
export async function signOut(): Promise<void> {
  const body = '{"session":"cookie"}';
  await send('/auth/logout', { method: 'POST', headers: JSON_TYPE, body }).catch(() => undefined);
  setOut();
}

/** Forgets the session, for example after a change of the password, which has ended it in the service. */
export function setOut(): void {
  accessToken = null;
  setHint(false);
  session.value = { phase: 'out' };
}

/**
 * Gets a new access token with the cookie; several callers share one request. Returns false if the session has ended.
 */
export function refresh(): Promise<boolean> {
  refreshing ??= renew().finally(() => (refreshing = null));
  return refreshing;
}

/** The session has ended: asks for the password and resolves when the same user is signed in again. */
export async function askForPassword(): Promise<void> {
  const { value } = session;
  if (value.phase === 'in') session.value = { phase: 'expired', user: value.user };
  await session.until(({ phase }) => phase === 'in' || phase === 'out');
}

async function renew(): Promise<boolean> {
  const body = '{"session":"cookie"}';
  accessToken = null;
  const response = await send('/auth/refresh', { method: 'POST', headers: JSON_TYPE, body });
  if (response.ok) {
    accessToken = ((await response.json()) as Tokens).access_token;
    return true;
  }
  if (response.status === 401 || response.status === 403) return false;
  throw await errorOf(response);
}

async function readUser(): Promise<User> {
  const response = await send('/auth/me');
  if (!response.ok) throw await errorOf(response);
  return (await response.json()) as User;
}

function hasHint(): boolean {
  try {
    return localStorage.getItem(HINT) !== null;
  } catch {
    return true;
  }
}

function setHint(on: boolean): void {
  try {
    if (on) localStorage.setItem(HINT, '1');
    else localStorage.removeItem(HINT);
  } catch {
    // Storage is switched off: the next load of the page asks the service.
  }
}
