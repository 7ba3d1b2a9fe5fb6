import { Body, Controller, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import { BackupMarksService } from '../../backups/backup-marks.service';
import { Allow, CurrentUser, MayRead } from '../../platform/access/access.decorators';
import type { Caller } from '../../platform/access/caller';
import { Permission } from '../../platform/access/permission';
import type { Answer } from '../../platform/http/answer';
import { ApiProblems } from '../../platform/http/api-problems.decorator';
import { RequestHeader } from '../../platform/http/request-header.decorator';
import { GraphPartsService } from '../graph-parts.service';
import { GraphsService } from '../graphs.service';
import { requireReadable, restoreRequest } from './graph-input';
import { RestoreBody, RevertBody } from './graph.dto';
import { DryRunQuery } from './graph.queries';
import { ApiEditedGraph, ApiGraphId, ApiIfMatch } from './graph.openapi';
import { EditedGraphView, EditPreviewView } from './edit.views';
import { GraphView } from './graph.views';

@ApiTags('Graphs')
@Controller('graphs/:id')
export class RestoreController {
  constructor(
    private readonly graphs: GraphsService,
    private readonly parts: GraphPartsService,
    private readonly marks: BackupMarksService,
  ) {}

  @Post('restore')
  @HttpCode(200)
  @Allow(Permission.GraphsWrite)
  @ApiOperation({
    summary: 'Restore a version, the state at a time, or some nodes of a version',
    operationId: 'restoreGraph',
    description:
      'Creates a new version. Without `nodes` it has the title, description, status and config of the old one. With `nodes` only these nodes come back into the present config, with the edges between them and to nodes that exist; every other byte stays, and no version is created if nothing differs. Set `dry_run=true` to get the difference that it would make.',
  })
  @ApiGraphId()
  @ApiIfMatch()
  @ApiBody({
    type: RestoreBody,
    examples: {
      version: { summary: 'Restore a version', value: { version: 1 } },
      time: { summary: 'Restore the state at a time', value: { at: '2026-11-23T09:15:00.000Z' } },
      nodes: { summary: 'Restore two nodes', value: { version: 1, nodes: ['in', 'out'] } },
    },
  })
  @ApiEditedGraph()
  @ApiProblems(400, 404, 409, 412, 413, 415, 422, 429)
  async restore(
    @CurrentUser() caller: Caller,
    @Param('id') id: string,
    @Query() { dry_run }: DryRunQuery,
    @Body() body: RestoreBody,
    @MayRead() mayRead: boolean,
    @RequestHeader('if-match') ifMatch?: string,
  ): Promise<Answer> {
    const { target, part } = restoreRequest(body);
    if (dry_run === 'true') {
      requireReadable(mayRead);
      const preview = part
        ? await this.parts.previewRestore(caller, id, part, ifMatch)
        : await this.parts.previewWhole(caller, id, target, ifMatch);
      return EditPreviewView.answer(preview);
    }
    const answer = { marks: await this.marks.read(), mayRead };
    if (part) return EditedGraphView.answerOf(await this.parts.restore(caller, id, part, ifMatch), answer);
    return GraphView.changed(await this.graphs.restore(caller, id, target, ifMatch), answer);
  }

  @Post('revert')
  @HttpCode(200)
  @Allow(Permission.GraphsWrite)
  @ApiOperation({
    summary: 'Take back what one version changed, on top of later changes',
    operationId: 'revertVersion',
    description:
      'Creates a new version: nodes, edges, other parts, title, description and status that the version changed are as they were before it. `restored_from` names the version before. Parts that were changed again since are a conflict: 409 lists them, and nothing is written. Set `dry_run=true` to get the difference that it would make.',
  })
  @ApiGraphId()
  @ApiIfMatch()
  @ApiBody({ type: RevertBody })
  @ApiEditedGraph()
  @ApiProblems(400, 404, 409, 412, 413, 415, 422, 429)
  async revert(
    @CurrentUser() caller: Caller,
    @Param('id') id: string,
    @Query() { dry_run }: DryRunQuery,
    @Body() { version }: RevertBody,
    @MayRead() mayRead: boolean,
    @RequestHeader('if-match') ifMatch?: string,
  ): Promise<Answer> {
    if (dry_run === 'true') {
      requireReadable(mayRead);
      return EditPreviewView.answer(await this.parts.previewRevert(caller, id, version, ifMatch));
    }
    const edited = await this.parts.revert(caller, id, version, ifMatch);
    return EditedGraphView.answerOf(edited, { marks: await this.marks.read(), mayRead });
  }
}
