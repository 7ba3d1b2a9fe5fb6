import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean } from 'class-validator';
import { toIso, toIsoOrNull } from '../../platform/clock/instant';
import { IsOptionalNotNull } from '../../platform/http/text.decorators';
import { RETENTION_STATUSES, noCounts, type RetentionStatus, type StopReason } from '../domain/retention-run';
import type { PlannedGraph, RetentionPlan } from '../retention-planner';
import type { RetentionRun } from '../retention.service';

const STOP_REASONS: StopReason[] = ['more_than_half', 'unusually_many', 'clock_jumped'];
const STOPPED_HELP =
  '`more_than_half`, `unusually_many`: a changed policy would remove more than half of all versions, or a hundred times the usual number; the policies in `held_policies` were not applied, everything else was done. `clock_jumped`: the clock is more than a day ahead of when it was last known to be right, or the service was off for that long; nothing was removed, and retention continues by itself after one hour in which the clock runs steadily.';
const HELD_HELP =
  'Changed policies that wait for an operator: `default`, `user:<id>` or `graph:<id>`; the first ten. Run with `force` to apply them.';

/** The kind of run to start. */
export class RetentionRunBody {
  static readonly bodyIsOptional = true;

  @ApiPropertyOptional({
    default: true,
    description: 'Only report what would be done. Send false to do it.',
    example: true,
  })
  @IsOptionalNotNull()
  @IsBoolean()
  dry_run: boolean = true;

  @ApiPropertyOptional({
    default: false,
    description:
      'Apply changed policies that the brake holds, and accept the clock. Look at a dry run first.',
    example: false,
  })
  @IsOptionalNotNull()
  @IsBoolean()
  force: boolean = false;
}

/** What a run would do with one graph. */
export class PlannedGraphView {
  @ApiProperty({ format: 'uuid', example: '019a9e3c-7d10-7b3a-9c41-2f6f0a5d8e11' })
  graph_id!: string;

  @ApiProperty({ enum: ['purge', 'prune'], example: 'prune' })
  action!: PlannedGraph['action'];

  @ApiProperty({ type: 'integer', example: 12 })
  versions!: number;

  @ApiProperty({ type: 'integer', example: 5120 })
  bytes!: number;

  @ApiProperty({
    description: 'Whether a changed policy is held, so that nothing is removed.',
    example: false,
  })
  held!: boolean;

  static from({ graphId, action, versions, bytes, policies }: PlannedGraph, heldKeys: ReadonlySet<string>) {
    const held = policies.some((policy) => heldKeys.has(policy));
    return { graph_id: graphId, action, versions, bytes, held } satisfies PlannedGraphView;
  }
}

/** A plan: the graphs, and what would hold or stop it. */
export class RetentionPlanView {
  @ApiProperty({ format: 'date-time', example: '2026-11-23T09:15:00.000Z' })
  at!: string;

  @ApiProperty({ enum: STOP_REASONS, nullable: true, description: STOPPED_HELP, example: null })
  would_stop_because!: StopReason | null;

  @ApiProperty({
    type: [PlannedGraphView],
    description: 'The first thousand graphs of which anything would be removed.',
  })
  graphs!: PlannedGraphView[];

  @ApiProperty({
    type: [String],
    description: 'Graphs that could not be read; nothing of them is removed.',
    example: [],
  })
  failed_graph_ids!: readonly string[];

  static from({ at, held, graphs, failed }: RetentionPlan, stopped: StopReason | null): RetentionPlanView {
    const heldKeys = new Set(held.map(({ key }) => key));
    return {
      at: toIso(at),
      would_stop_because: stopped,
      graphs: graphs.map((graph) => PlannedGraphView.from(graph, heldKeys)),
      failed_graph_ids: failed,
    };
  }
}

/** A run of retention; for a dry run the numbers say what would be done. */
export class RetentionRunView {
  @ApiProperty({ type: 'integer', description: 'Increases with every run.', example: 42 })
  id!: number;

  @ApiProperty({
    enum: RETENTION_STATUSES,
    example: 'done',
    description:
      '`held`: the policies in `held_policies` were not applied; `incomplete`: graphs were skipped because of an error; `stopped`: nothing was removed, see `stopped_because`; `interrupted`: by a stop or a crash, the next run continues.',
  })
  status!: RetentionStatus;

  @ApiProperty({ example: false })
  dry_run!: boolean;

  @ApiProperty({ example: false })
  forced!: boolean;

  @ApiProperty({ enum: STOP_REASONS, nullable: true, description: STOPPED_HELP, example: null })
  stopped_because!: StopReason | null;

  @ApiProperty({ type: [String], description: HELD_HELP, example: [] })
  held_policies!: string[];

  @ApiProperty({ type: 'integer', description: 'Held policies.', example: 0 })
  policies_held!: number;

  @ApiProperty({ type: 'integer', description: 'Versions that the held policies would remove.', example: 0 })
  versions_held!: number;

  @ApiProperty({ type: 'integer', description: 'Versions that the plan removes.', example: 135 })
  versions_planned!: number;

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

  @ApiProperty({ type: 'integer', description: 'Bytes of the removed versions.', example: 51200 })
  removed_bytes!: number;

  @ApiProperty({ type: 'integer', example: 7 })
  graphs_repacked!: number;

  @ApiProperty({
    type: 'integer',
    description: 'Bytes saved by packing the remaining versions.',
    example: 9000,
  })
  repacked_bytes!: number;

  @ApiProperty({
    type: 'integer',
    description: 'Bytes returned to the file system; SQLite only.',
    example: 65536,
  })
  disk_bytes!: number;

  @ApiProperty({ type: 'integer', description: 'Idempotency keys that were removed.', example: 3 })
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
    const { stopped, held, held_because, frame_bytes, failed, ...rest } = counts ?? noCounts(false, false);
    const because = stopped ?? held_because;
    return {
      id,
      status,
      ...rest,
      stopped_because: because,
      held_policies: held === null ? [] : held.split(' '),
      started_at: toIso(startedAt),
      finished_at: toIsoOrNull(finishedAt),
      duration_ms: finishedAt === null ? null : finishedAt - startedAt,
      removed_bytes: frame_bytes,
      failed_graph_ids: failed === null ? [] : failed.split(' '),
      error,
      ...(plan && rest.dry_run && { plan: RetentionPlanView.from(plan, because) }),
    };
  }
}
