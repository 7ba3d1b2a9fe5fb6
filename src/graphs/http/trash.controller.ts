import { Controller, Delete, HttpCode, Param, Post } from '@nestjs/common';
import { ApiNoContentResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { BackupMarksService } from '../../backups/backup-marks.service';
import { Allow, CurrentUser, MayRead } from '../../platform/access/access.decorators';
import type { Caller } from '../../platform/access/caller';
import { Permission } from '../../platform/access/permission';
import type { Answer } from '../../platform/http/answer';
import { ApiProblems } from '../../platform/http/api-problems.decorator';
import { RequestHeader } from '../../platform/http/request-header.decorator';
import { TrashService } from '../trash.service';
import { ApiChangedGraph, ApiGraphId, ApiIfMatch } from './graph.openapi';
import { GraphView } from './graph.views';

@ApiTags('Graphs')
@Controller('graphs')
export class TrashController {
  constructor(
    private readonly trash: TrashService,
    private readonly marks: BackupMarksService,
  ) {}

  @Delete(':id')
  @Allow(Permission.GraphsWrite)
  @ApiOperation({
    summary: 'Move a graph to the trash; it can be recovered until `purge_at`',
    operationId: 'deleteGraph',
  })
  @ApiGraphId()
  @ApiIfMatch()
  @ApiChangedGraph()
  @ApiProblems(404, 412)
  async remove(
    @CurrentUser() caller: Caller,
    @Param('id') id: string,
    @MayRead() mayRead: boolean,
    @RequestHeader('if-match') ifMatch?: string,
  ): Promise<Answer> {
    const graph = await this.trash.remove(caller, id, ifMatch);
    return GraphView.changed(graph, { marks: await this.marks.read(), mayRead });
  }

  @Post(':id/recover')
  @HttpCode(200)
  @Allow(Permission.GraphsWrite)
  @ApiOperation({ summary: 'Recover a graph from the trash', operationId: 'recoverGraph' })
  @ApiGraphId()
  @ApiChangedGraph()
  @ApiProblems(404, 409)
  async recover(
    @CurrentUser() caller: Caller,
    @Param('id') id: string,
    @MayRead() mayRead: boolean,
  ): Promise<Answer> {
    const graph = await this.trash.recover(caller, id);
    return GraphView.changed(graph, { marks: await this.marks.read(), mayRead });
  }

  @Post(':id/purge')
  @HttpCode(204)
  @Allow(Permission.GraphsRetention)
  @ApiOperation({
    summary: 'Purge a deleted graph now: remove it and its whole history permanently',
    operationId: 'purgeGraph',
  })
  @ApiGraphId()
  @ApiNoContentResponse({ description: 'Purged.' })
  @ApiProblems(404, 409)
  purge(@CurrentUser() caller: Caller, @Param('id') id: string): Promise<void> {
    return this.trash.purge(caller, id);
  }
}
