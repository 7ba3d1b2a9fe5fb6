import { getText } from '../api/client';
import { Icon } from './icon';
import { Remembered, useRemembered } from './use-remembered';

const pictures = new Remembered<string>(200, (address) => URL.revokeObjectURL(address));

/** A small picture of a version, asked for when it comes into sight. As an image, so nothing in it can run. */
export function Thumbnail({ graph, version }: { graph: string; version: number }) {
  const picture = useRemembered(pictures, `${graph} ${version}`, async (signal) => {
    const svg = await getText(`/graphs/${graph}/picture.svg?version=${version}&legend=false`, signal);
    return URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  });
  return (
    <span class="thumbnail">
      {picture === undefined || picture === 'failed' ? (
        <Icon name="graphs" />
      ) : (
        <img src={picture} alt="" loading="lazy" decoding="async" />
      )}
    </span>
  );
}
