import { errorOf } from './problem';
import type { paths } from './schema';
import { askForPassword, refresh, send, session } from './session';

/** Paths of the API without its prefix, such as `/graphs/{id}`. */
type Short<P> = P extends `/api/v1${infer Rest}` ? Rest : never;
export type ApiPath = Short<keyof paths>;
type Full<P extends ApiPath> = `/api/v1${P}` & keyof paths;
type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
type Operation<P extends ApiPath, M extends Method> = paths[Full<P>][M];

/** The paths that have a method. */
type With<M extends Method> = {
  [P in ApiPath]: Operation<P, M> extends { responses: unknown } ? P : never;
}[ApiPath];

type Parameters<O, In extends 'path' | 'query'> = O extends { parameters: infer All }
  ? In extends keyof All
    ? NonNullable<All[In]>
    : never
  : never;
type BodyOf<O> = O extends { requestBody?: infer B }
  ? NonNullable<B> extends { content: { 'application/json': infer T } }
    ? T
    : never
  : never;
type Json<R> = R extends { content: { 'application/json': infer T } } ? T : undefined;
/** What the API answers with success. */
export type Answer<O> = O extends { responses: infer R } ? Json<R[keyof R & (200 | 201 | 202 | 204)]> : never;

interface Options<O> {
  path?: Parameters<O, 'path'>;
  query?: Parameters<O, 'query'>;
  /** A string is sent as it is: JSON that has to keep its bytes. */
  body?: BodyOf<O> | string;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** An answer with its headers. */
export interface Reply<T> {
  data: T;
  headers: Headers;
}

type Values = Record<string, string | number | boolean | undefined | null>;

/** The address of a call: `{name}` filled in, and the query behind it. */
export function addressOf(path: string, values: Values = {}, query: Values = {}): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(values[name])));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== null && value !== '') search.set(name, String(value));
  return search.size > 0 ? `${filled}?${search}` : filled;
}

/**
 * Sends a request and returns the answer of success; throws an ApiError for every other. A request whose session has
 * ended waits until the user has given the password, and is sent again.
 */
export async function request(address: string, init: RequestInit = {}): Promise<Response> {
  const response = await send(address, init);
  if (response.ok) return response;
  if (response.status !== 401 || session.value.phase === 'out') throw await errorOf(response);
  if (!(await refresh())) await askForPassword();
  const again = await send(address, init);
  if (again.ok) return again;
  throw await errorOf(again);
}

interface AnyOptions {
  path?: Values;
  query?: Values;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

async function call<T>(method: Method, path: string, options: AnyOptions): Promise<Reply<T>> {
  const { body } = options;
  const response = await request(addressOf(path, options.path, options.query), {
    method: method.toUpperCase(),
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...options.headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    ...(options.signal && { signal: options.signal }),
  });
  const isJson = response.headers.get('content-type')?.includes('json') ?? false;
  return { data: (isJson ? await response.json() : undefined) as T, headers: response.headers };
}

type Call<M extends Method> = <P extends With<M>>(
  path: P,
  options?: Options<Operation<P, M>>,
) => Promise<Reply<Answer<Operation<P, M>>>>;

const caller =
  <M extends Method>(method: M): Call<M> =>
  (path, options = {}) =>
    call(method, path, options as AnyOptions);

/** The API, typed by its OpenAPI document: `api.get('/graphs/{id}', { path: { id } })`. */
export const api = {
  get: caller('get'),
  post: caller('post'),
  put: caller('put'),
  patch: caller('patch'),
  delete: caller('delete'),
};

/** A text that the API answers, such as a picture. */
export async function getText(address: string, signal?: AbortSignal): Promise<string> {
  return (await request(address, signal ? { signal } : {})).text();
}
