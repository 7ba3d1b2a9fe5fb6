import { getText } from '../api/client';
import { Icon } from './icon';
import { Remembered, useRemembered } from './use-remembered';

const pictures = new Remembered<string>(200, (address) => URL.revokeObjectURL(address));

/** Width of the picture on the page, pixels. */
const WIDTH = 84;

/** At this size, lines of a large picture would be thinner than a pixel, and its texts are only noise. */
function withBoldLines(svg: string): string {
  const width = Number(/viewBox="\S+ \S+ (\S+) /.exec(svg)?.[1]);
  const line = Math.round(width / WIDTH);
  if (!(line > 2)) return svg;
  return svg.replace(
    '</style>',
    `.n rect,.e,.f rect{stroke-width:${line}px!important}text{display:none}</style>`,
  );
}

/** A small picture of a version, asked for when it comes into sight. As an image, so nothing in it can run. */
export function Thumbnail({ graph, version }: { graph: string; version: number }) {
  const picture = useRemembered(pictures, `${graph} ${version}`, async (signal) => {
    const svg = await getText(`/graphs/${graph}/picture.svg?version=${version}&legend=false`, signal);
    return URL.createObjectURL(new Blob([withBoldLines(svg)], { type: 'image/svg+xml' }));
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
