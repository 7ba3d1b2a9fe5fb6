import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean } from 'class-validator';
import { toIso, toIsoOrNull } from '../../platform/clock/instant';
import { Omittable } from '../../platform/http/text.decorators';
import type { BrakeReason } from '../domain/brake';
import { RETENTION_STATUSES, noCounts, type RetentionStatus } from '../domain/retention-run';
import type { PlannedGraph, RetentionPlan } from '../retention-planner';
import type { RetentionRun } from '../retention.service';

const BRAKE_REASONS: BrakeReason[] = ['more_than_half', 'unusually_many', 'clock_jumped'];
const STOPPED_HELP =
  'Why it stopped before it removed anything: it would have removed more than half of all versions, or a hundred times the usual number, or the clock is more than a day ahead of when it was last seen to be right.';

/** What run is wanted. */
export class RetentionRunBody {
  @ApiPropertyOptional({
    default: true,
    description: 'Only say what would be done. Send false to do it.',
    example: true,
  })
  @Omittable()
  @IsBoolean()
  dry_run: boolean = true;

  @ApiPropertyOptional({
    default: false,
    description: 'Run although it would be stopped; look at a dry run first.',
    example: false,
  })
  @Omittable()
  @IsBoolean()
  force: boolean = false;
}

/** What a run would do to one graph. */
export class PlannedGraphView {
  @ApiProperty({ format: 'uuid', example: '019a9e3c-7d10-7b3a-9c41-2f6f0a5d8e11' })
  graph_id!: string;

  @ApiProperty({ enum: ['purge', 'prune'], example: 'prune' })
  action!: PlannedGraph['action'];

  @ApiProperty({ type: 'integer', example: 12 })
  versions!: number;

  @ApiProperty({ type: 'integer', example: 5120 })
  bytes!: number;

  static from({ graphId, ...rest }: PlannedGraph): PlannedGraphView {
    return { graph_id: graphId, ...rest };
  }
}

/** A plan: the graphs, and what would stop it. */
export class RetentionPlanView {
  @ApiProperty({ format: 'date-time', example: '2026-11-23T09:15:00.000Z' })
  at!: string;

  @ApiProperty({ enum: BRAKE_REASONS, nullable: true, description: STOPPED_HELP, example: null })
  would_stop_because!: BrakeReason | null;

  @ApiProperty({
    type: [PlannedGraphView],
    description: 'The first thousand graphs of which anything would go.',
  })
  graphs!: PlannedGraphView[];

  @ApiProperty({
    type: [String],
    description: 'Graphs that could not be read; nothing of them goes.',
    example: [],
  })
  failed_graph_ids!: readonly string[];

  static from({ at, brake, graphs, failed }: RetentionPlan): RetentionPlanView {
    return {
      at: toIso(at),
      would_stop_because: brake,
      graphs: graphs.map((graph) => PlannedGraphView.from(graph)),
      failed_graph_ids: failed,
    };
  }
}

/** A run of retention; for a dry run the numbers say what would be done. */
export class RetentionRunView {
  @ApiProperty({ type: 'integer', description: 'Grows with every run.', example: 42 })
  id!: number;

  @ApiProperty({
    enum: RETENTION_STATUSES,
    example: 'done',
    description:
      '`incomplete`: graphs were passed over because something is wrong with them; `stopped`: see `stopped_because`; `interrupted`: by a stop or a crash, and begun anew.',
  })
  status!: RetentionStatus;

  @ApiProperty({ example: false })
  dry_run!: boolean;

  @ApiProperty({ example: false })
  forced!: boolean;

  @ApiProperty({ enum: BRAKE_REASONS, nullable: true, description: STOPPED_HELP, example: null })
  stopped_because!: BrakeReason | null;

  @ApiProperty({ format: 'date-time', example: '2026-11-23T09:17:00.000Z' })
  started_at!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2026-11-23T09:17:04.310Z' })
  finished_at!: string | null;

  @ApiProperty({ type: 'integer', nullable: true, example: 4310 })
  duration_ms!: number | null;

  @ApiProperty({ type: 'integer', example: 1 })
  graphs_purged!: number;

  @ApiProperty({ type: 'integer', example: 15 })
  versions_purged!: number;

  @ApiProperty({ type: 'integer', example: 7 })
  graphs_pruned!: number;

  @ApiProperty({ type: 'integer', example: 120 })
  versions_pruned!: number;

  @ApiProperty({ type: 'integer', description: 'Bytes of the versions that went.', example: 51200 })
  removed_bytes!: number;

  @ApiProperty({ type: 'integer', example: 7 })
  graphs_repacked!: number;

  @ApiProperty({ type: 'integer', description: 'Bytes saved by packing what is left.', example: 9000 })
  repacked_bytes!: number;

  @ApiProperty({ type: 'integer', description: 'Bytes given back to the disk; SQLite only.', example: 65536 })
  disk_bytes!: number;

  @ApiProperty({ type: 'integer', description: 'Idempotency keys that were forgotten.', example: 3 })
  keys_expired!: number;

  @ApiProperty({ type: 'integer', example: 0 })
  graphs_failed!: number;

  @ApiProperty({ type: [String], description: 'The first ten of them.', example: [] })
  failed_graph_ids!: string[];

  @ApiProperty({ type: String, nullable: true, example: null })
  error!: string | null;

  @ApiPropertyOptional({ type: RetentionPlanView, description: 'With the answer to a dry run.' })
  plan?: RetentionPlanView;

  static from({ id, status, startedAt, finishedAt, error, counts, plan }: RetentionRun): RetentionRunView {
    const { stopped, frame_bytes, failed, ...rest } = counts ?? noCounts(false, false);
    return {
      id,
      status,
      ...rest,
      stopped_because: stopped,
      started_at: toIso(startedAt),
      finished_at: toIsoOrNull(finishedAt),
      duration_ms: finishedAt === null ? null : finishedAt - startedAt,
      removed_bytes: frame_bytes,
      failed_graph_ids: failed === null ? [] : failed.split(' '),
      error,
      ...(plan && rest.dry_run && { plan: RetentionPlanView.from(plan) }),
    };
  }
}
