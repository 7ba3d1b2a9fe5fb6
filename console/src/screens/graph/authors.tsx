import { useEffect, useState } from 'preact/hooks';
import { api } from '../../api/client';
import type { components } from '../../api/schema';

type Version = components['schemas']['ListedVersionView'];

/** The names of the account's API tokens by id; read once, when a version by a token is in sight. */
export function useTokenNames(isWanted: boolean): ReadonlyMap<string, string> | undefined {
  const [names, setNames] = useState<ReadonlyMap<string, string>>();
  useEffect(() => {
    if (!isWanted) return;
    api.get('/auth/tokens', { query: { limit: 500 } }).then(
      ({ data }) => setNames(new Map(data.map(({ id, name }) => [id, name]))),
      // The history is readable without names.
      () => setNames(new Map()),
    );
  }, [isWanted]);
  return names;
}

/** Who wrote a version, in words; nothing if it is not known. */
export function authorWords(
  author: Version['author'],
  tokens: ReadonlyMap<string, string> | undefined,
  source: string | undefined,
): string | undefined {
  if (!author) return undefined;
  if (author.kind === 'user') return 'you';
  if (author.kind === 'source') return author.id !== null && source ? source : 'a tool';
  if (!tokens) return 'a token';
  const name = author.id === null ? undefined : tokens.get(author.id);
  return name === undefined ? 'a revoked token' : `token “${name}”`;
}
