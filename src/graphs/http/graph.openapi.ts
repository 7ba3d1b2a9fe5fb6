import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiHeader, ApiParam, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import { EditedGraphView, EditPreviewView } from './edit.views';
import { GraphReceiptView, GraphView } from './graph.views';

/** The headers of a response that is one graph. */
export const ETAG_HEADERS = {
  ETag: { description: '`"<version>-<first 16 hex of config_sha256>"`', schema: { type: 'string' as const } },
  'Last-Modified': { schema: { type: 'string' as const } },
};
/** The response to a change of a graph: the graph, or a receipt for an API token without the scope `read`. */
export const ApiChangedGraph = (status: 200 | 201 = 200) =>
  applyDecorators(
    ApiExtraModels(GraphView, GraphReceiptView),
    ApiResponse({
      status,
      description: 'The graph. An API token without the scope `read` gets a receipt without any content.',
      schema: { anyOf: [{ $ref: getSchemaPath(GraphView) }, { $ref: getSchemaPath(GraphReceiptView) }] },
      headers: {
        ...ETAG_HEADERS,
        ...(status === 201 && { Location: { schema: { type: 'string' as const } } }),
      },
    }),
  );
/** The response to a restore: the graph or a receipt, in a dry run the difference. */
export const ApiEditedGraph = () =>
  applyDecorators(
    ApiExtraModels(EditedGraphView, GraphReceiptView, EditPreviewView),
    ApiResponse({
      status: 200,
      description:
        'The graph; in a dry run the difference. An API token without the scope `read` gets a receipt without any content.',
      schema: {
        anyOf: [EditedGraphView, GraphReceiptView, EditPreviewView].map((view) => ({
          $ref: getSchemaPath(view),
        })),
      },
      headers: ETAG_HEADERS,
    }),
  );
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
