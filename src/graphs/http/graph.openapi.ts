import { ApiHeader, ApiParam } from '@nestjs/swagger';

/** The headers of a response that is one graph. */
export const ETAG_HEADERS = {
  ETag: { description: '`"<version>-<first 16 hex of config_sha256>"`', schema: { type: 'string' as const } },
  'Last-Modified': { schema: { type: 'string' as const } },
};
/** The `id` in the path. */
export const ApiGraphId = () =>
  ApiParam({ name: 'id', description: "The graph's UUID.", example: '019a9e3c-7d10-7b3a-9c41-2f6f0a5d8e11' });
/** The optional If-Match header. */
export const ApiIfMatch = () =>
  ApiHeader({
    name: 'If-Match',
    required: false,
    description:
      'Only if the graph still has this `ETag`; else 412. Without it the last write wins, and nothing is lost.',
  });
