import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { VaultMarks } from '../../versions/versions.service';
import { Answer, JsonText } from '../../platform/http/answer';
import type { EditedGraph } from '../graph-parts.service';
import { GraphView } from './graph.views';

class LeftOutEdgeView {
  @ApiProperty({ example: 'in' }) source!: string;
  @ApiProperty({ type: String, nullable: true, example: null }) source_port!: string | null;
  @ApiProperty({ example: 'out' }) target!: string;
  @ApiProperty({ type: String, nullable: true, example: null }) target_port!: string | null;

  @ApiPropertyOptional({
    example: 'Order received',
    description:
      'Name of the node `source` in that version, at most 200 characters. Missing if there is no such node, or if its name is its id.',
  })
  source_name?: string;

  @ApiPropertyOptional({ example: 'Mail to the desk', description: 'The same for the node `target`.' })
  target_name?: string;

  @ApiPropertyOptional({
    example: true,
    description: 'Present for a wire that the editor does not draw (Node-RED link nodes).',
  })
  virtual?: boolean;

  @ApiProperty({ example: 'The node at its other end no longer exists.' }) reason!: string;
}

class AlongNodeView {
  @ApiProperty({ example: 'tab-1' }) id!: string;
  @ApiProperty({ example: 'Orders' }) name!: string;
  @ApiProperty({ example: 'tab' }) type!: string;
}

/** The graph after some nodes were restored. */
export class EditedGraphView extends GraphView {
  @ApiPropertyOptional({
    type: [LeftOutEdgeView],
    description:
      'Edges of the old version that did not come back, with the reason. Ids are those of that version.',
  })
  left_out?: LeftOutEdgeView[];

  @ApiPropertyOptional({
    type: [AlongNodeView],
    description:
      'Nodes that came back although they were not named: containers, and definitions of subflows.',
  })
  along?: AlongNodeView[];

  /** The graph with what was left out; a receipt for a caller who may not read. */
  static answerOf({ graph, report }: EditedGraph, reader: { marks: VaultMarks; mayRead: boolean }): Answer {
    const { left_out, along } = JSON.parse(report.toString('utf8')) as EditedGraphView;
    const answer = GraphView.changed(graph, reader);
    return reader.mayRead
      ? new Answer(GraphView.text(graph, reader.marks, { left_out, along }), answer.headers)
      : answer;
  }
}

/** What a restore would do: the difference between the present version and the one that it would create. */
export class EditPreviewView {
  @ApiProperty({ description: 'The present version.', example: 3 }) from!: number;
  @ApiProperty({ description: 'The version that would be created.', example: 4 }) to!: number;

  @ApiPropertyOptional({ type: [LeftOutEdgeView], description: 'Edges that would not come back.' })
  left_out?: LeftOutEdgeView[];

  @ApiPropertyOptional({
    type: [AlongNodeView],
    description: 'Nodes that would come back without being named.',
  })
  along?: AlongNodeView[];

  @ApiProperty({ type: [Object], description: 'Changed fields, as in `GET /graphs/{id}/diff`.' })
  fields!: object[];

  @ApiProperty({ example: 'react-flow' }) dialect!: string;
  @ApiProperty({ type: Object, description: 'Counts, as in `GET /graphs/{id}/diff`.' }) summary!: object;
  @ApiProperty({ type: Object, description: 'As in `GET /graphs/{id}/diff`.' }) nodes!: object;
  @ApiProperty({ type: Object, description: 'As in `GET /graphs/{id}/diff`.' }) edges!: object;
  @ApiProperty({ type: [Object], description: 'As in `GET /graphs/{id}/diff`.' }) other!: object[];
  @ApiProperty({ type: [Object], description: 'RFC 6902 operations on the present config.' })
  patch!: object[];

  /** The report is JSON text from the worker; our members come first. */
  static answer({ graph, fields, report }: EditedGraph): Answer<JsonText> {
    const head = JSON.stringify({ from: graph.version, to: graph.version + 1, fields });
    return new Answer(new JsonText(Buffer.from(`${head.slice(0, -1)},`), report.subarray(1)));
  }
}
