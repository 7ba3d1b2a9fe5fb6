import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Answer, JsonText } from '../../platform/http/answer';
import type { VersionDiff } from '../diff.service';

class DiffSummaryView {
  @ApiProperty({ example: 1 }) nodes_added!: number;
  @ApiProperty({ example: 0 }) nodes_removed!: number;
  @ApiProperty({ example: 1 }) nodes_changed!: number;
  @ApiProperty({ example: 0 }) nodes_moved!: number;
  @ApiProperty({ example: 1 }) edges_added!: number;
  @ApiProperty({ example: 0 }) edges_removed!: number;
  @ApiProperty({ example: 0 }) edges_changed!: number;

  @ApiProperty({
    example: 0,
    description:
      'Changed parts outside nodes and edges. All counts are 0 only when both sides mean the same.',
  })
  other_changed!: number;
}

class DiffNodeView {
  @ApiProperty({ example: 'out' }) id!: string;
  @ApiProperty({ example: 'Mail to the desk' }) name!: string;
  @ApiProperty({ example: 'mail' }) type!: string;
}

class DiffChangedNodeView extends DiffNodeView {
  @ApiProperty({
    type: [Object],
    description: 'RFC 6902 operations on the node.',
    example: [{ op: 'replace', path: '/data/to', value: 'shop' }],
  })
  changes!: object[];

  @ApiPropertyOptional({
    type: Object,
    description: 'The node before, to which `changes` apply; with `include=before`.',
    example: { id: 'out', type: 'mail', data: { to: 'desk' } },
  })
  before?: object;
}

class DiffMovedNodeView extends DiffNodeView {
  @ApiProperty({
    type: Object,
    nullable: true,
    example: { x: 0, y: 0 },
    description: 'Position, size, and the id of the container (tab, row, group, parent) if that changed.',
  })
  from!: object | null;

  @ApiProperty({ type: Object, nullable: true, example: { x: 240, y: 0 } }) to!: object | null;
}

class DiffNodesView {
  @ApiProperty({ type: [DiffNodeView] }) added!: DiffNodeView[];
  @ApiProperty({ type: [DiffNodeView] }) removed!: DiffNodeView[];
  @ApiProperty({ type: [DiffChangedNodeView] }) changed!: DiffChangedNodeView[];
  @ApiProperty({ type: [DiffMovedNodeView] }) moved!: DiffMovedNodeView[];
}

class DiffEdgeView {
  @ApiProperty({ example: 'in' }) source!: string;
  @ApiProperty({ type: String, nullable: true, example: null }) source_port!: string | null;
  @ApiProperty({ example: 'out' }) target!: string;
  @ApiProperty({ type: String, nullable: true, example: null }) target_port!: string | null;

  @ApiPropertyOptional({
    example: 'Order received',
    description:
      'Name of the node `source`, at most 200 characters. Missing if there is no such node, or if its name is its id.',
  })
  source_name?: string;

  @ApiPropertyOptional({ example: 'Mail to the desk', description: 'The same for the node `target`.' })
  target_name?: string;

  @ApiPropertyOptional({
    example: true,
    description: 'Present for a wire that the editor does not draw (Node-RED link nodes).',
  })
  virtual?: boolean;
}

class DiffChangedEdgeView extends DiffEdgeView {
  @ApiProperty({
    type: [Object],
    description: 'RFC 6902 operations on the edge.',
    example: [{ op: 'replace', path: '/label', value: 'yes' }],
  })
  changes!: object[];
}

class DiffOtherView {
  @ApiProperty({ description: 'JSON pointer of the part in the config.', example: '/settings' })
  path!: string;

  @ApiProperty({
    type: [Object],
    description: 'RFC 6902 operations on the part.',
    example: [{ op: 'replace', path: '/executionOrder', value: 'v1' }],
  })
  changes!: object[];
}

class DiffEdgesView {
  @ApiProperty({ type: [DiffEdgeView] }) added!: DiffEdgeView[];
  @ApiProperty({ type: [DiffEdgeView] }) removed!: DiffEdgeView[];
  @ApiProperty({ type: [DiffChangedEdgeView] }) changed!: DiffChangedEdgeView[];
}

class FieldChangeView {
  @ApiProperty({ enum: ['title', 'description', 'status'], example: 'title' }) field!: string;
  @ApiProperty({ type: String, nullable: true, example: 'Order intake' }) from!: string | null;
  @ApiProperty({ type: String, nullable: true, example: 'Orders' }) to!: string | null;
}

const DIALECTS = ['react-flow', 'n8n', 'node-red', 'comfyui', 'grafana', 'node-link', 'json'];

/** How much changed between two versions. */
export class VersionSummaryView {
  @ApiProperty({ example: 1 }) from!: number;
  @ApiProperty({ example: 2 }) to!: number;

  @ApiPropertyOptional({
    format: 'uuid',
    description: 'The graph that `to` is a version of, when it is another one.',
  })
  with?: string;

  @ApiProperty({ type: [FieldChangeView] }) fields!: FieldChangeView[];
  @ApiProperty({ enum: DIALECTS, example: 'react-flow' }) dialect!: string;

  @ApiProperty({ description: 'The bytes differ, but not what they mean.', example: false })
  formatting_only!: boolean;

  @ApiProperty() summary!: DiffSummaryView;
}

/** What changed between two versions, in the terms of the graph. */
export class DiffView {
  @ApiProperty({ example: 1 }) from!: number;
  @ApiProperty({ example: 2 }) to!: number;

  @ApiPropertyOptional({
    format: 'uuid',
    description: 'The graph that `to` is a version of, if it is another one.',
  })
  with?: string;

  @ApiProperty({ type: [FieldChangeView] }) fields!: FieldChangeView[];

  @ApiProperty({
    enum: DIALECTS,
    example: 'react-flow',
  })
  dialect!: string;

  @ApiProperty({ description: 'The bytes differ, but their meaning is the same.', example: false })
  formatting_only!: boolean;

  @ApiProperty() summary!: DiffSummaryView;
  @ApiProperty() nodes!: DiffNodesView;
  @ApiProperty() edges!: DiffEdgesView;

  @ApiProperty({
    type: [DiffOtherView],
    description:
      'Changed parts of the config outside nodes and edges: settings, variables, pinned data, interfaces.',
  })
  other!: DiffOtherView[];

  @ApiProperty({
    type: [Object],
    description: 'RFC 6902 operations on the config: applied to `from` they give `to`.',
  })
  patch!: object[];

  /** The response: our members first, then the graph's difference as the JSON text that the worker made. */
  static answer({ from, to, with: other, fields, config }: VersionDiff): Answer<JsonText> {
    const head = JSON.stringify({ from, to, ...(other !== null && { with: other }), fields });
    const comma = Buffer.from(',');
    return new Answer(
      new JsonText(Buffer.concat([Buffer.from(head.slice(0, -1)), comma, config.subarray(1)])),
    );
  }
}

/** A difference as text. Browsers show it as plain text. */
export function textAnswer(text: string, format: 'text' | 'markdown'): Answer<Buffer> {
  return new Answer(Buffer.from(text), {
    'content-type': `text/${format === 'text' ? 'plain' : 'markdown'}; charset=utf-8`,
    'x-content-type-options': 'nosniff',
  });
}

/** The response with a picture. Its content policy prevents a browser from running or loading anything, whatever the names of nodes contain. */
export function svgAnswer(svg: Buffer): Answer<Buffer> {
  return new Answer(svg, {
    'content-type': 'image/svg+xml; charset=utf-8',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
    'x-content-type-options': 'nosniff',
  });
}
