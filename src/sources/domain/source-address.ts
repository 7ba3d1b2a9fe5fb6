const URL_MAX = 2_000;

/**
 * The normal form of an address: lower-case host, no default port, no slash at the end, and no fragment, which names a
 * place in a page that a browser shows (`#flow/1`). Throws an Error whose message completes "url …".
 */
export function normalAddress(text: string): string {
  if (text.length > URL_MAX) throw new Error(`must have at most ${URL_MAX} characters`);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.hostname === '')
    throw new Error('must begin with https:// or http://, as in https://n8n.example.org');
  if (url.username !== '' || url.password !== '')
    throw new Error('must not contain a user name or password; send them as credentials');
  url.hash = '';
  if (url.search !== '' || url.href.includes('?')) throw new Error('must not contain "?"');
  return url.href.replace(/\/+$/, '');
}

/** The normal form of the path of a folder. Throws as `normalAddress` does. */
export function normalFolder(text: string): string {
  if (text.length > URL_MAX) throw new Error(`must have at most ${URL_MAX} characters`);
  if (!text.startsWith('/') || text.includes('\0')) throw new Error('must be the absolute path of a folder');
  const parts = text.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw new Error('must not contain ".."');
  return `/${parts.join('/')}`;
}
