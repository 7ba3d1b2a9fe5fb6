import { isAbsolute, normalize } from 'node:path';
import { isNetworkRule } from './network-rules';

const listOf = (text: string): string[] =>
  text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');

/** Reads SOURCE_NETWORKS. Throws an Error whose message completes "NAME …". */
export function readNetworks(text: string): readonly string[] {
  const entries = listOf(text);
  if (!entries.every(isNetworkRule))
    throw new Error(
      'must be any, public, or a comma-separated list of host names, addresses and networks such as n8n.local,10.0.0.0/8',
    );
  return Object.freeze(entries);
}

/** Reads SOURCE_FOLDERS. Throws an Error whose message completes "NAME …". */
export function readFolders(text: string): readonly string[] {
  const folders = listOf(text);
  if (!folders.every((folder) => isAbsolute(folder)))
    throw new Error('must be a comma-separated list of absolute paths such as /srv/comfyui/workflows');
  return Object.freeze(folders.map((folder) => normalize(folder)));
}
