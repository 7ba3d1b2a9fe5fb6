import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsBoolean, IsUUID } from 'class-validator';
import { toIso, toIsoOrNull } from '../../platform/clock/instant';
import { IsInstant, IsOptionalNotNull } from '../../platform/http/text.decorators';
import { RECOVERY_ACTIONS, type RecoveryAction } from '../domain/recovery-plan';
import type { Recovery, RecoveryEntry } from '../domain/recovery';

const GRAPH_IDS_MAX = 1_000;

/** A recovery of the whole account, or of some graphs, to a point in time. */
export class RecoveryBody {
  @ApiProperty({ format: 'date-time', example: '2026-11-23T09:15:00.000Z' })
  @IsInstant()
  at!: string;

  @ApiPropertyOptional({
    default: true,
    description: 'Preview the recovery without changing anything. Send false to run it.',
    example: true,
  })
  @IsOptionalNotNull()
  @IsBoolean()
  dry_run: boolean = true;

  @ApiPropertyOptional({ type: [String], maxItems: GRAPH_IDS_MAX, description: 'Restore only these graphs.' })
  @IsOptionalNotNull()
  @IsArray()
  @ArrayMaxSize(GRAPH_IDS_MAX)
  @IsUUID('all', { each: true })
  graph_ids?: string[];
}

/** What happens to a graph. */
export class RecoveryEntryView {
  @ApiProperty({ format: 'uuid', example: '019a9e3c-7d10-7b3a-9c41-2f6f0a5d8e11' })
  graph_id!: string;

  @ApiProperty({ type: String, nullable: true, description: 'The current title.', example: 'Order intake' })
  title!: string | null;

  @ApiProperty({
    enum: RECOVERY_ACTIONS,
    example: 'restore',
    description:
      '`restore`: restores that version; `recover`: was deleted later, is recovered as that version; `delete`: did not exist then, moves to the trash.',
  })
  action!: RecoveryAction;

  @ApiProperty({
    type: Number,
    nullable: true,
    description: 'The version to restore.',
    example: 3,
  })
  version!: number | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Why the time cannot be restored.',
    example: null,
  })
  reason!: string | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'The nearest time that can be restored.',
    example: null,
  })
  nearest!: string | null;

  static from({ graphId, title, action, version, reason, nearest }: RecoveryEntry): RecoveryEntryView {
    return { graph_id: graphId, title, action, version, reason, nearest: toIsoOrNull(nearest) };
  }
}

/** A recovery, run or previewed. */
export class RecoveryView {
  @ApiProperty({ format: 'date-time', example: '2026-11-23T09:15:00.000Z' })
  at!: string;

  @ApiProperty({ example: true })
  dry_run!: boolean;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'When the recovery ran. To undo it, recover to one millisecond earlier.',
    example: null,
  })
  recovered_at!: string | null;

  @ApiProperty({
    type: Object,
    description: 'Number of graphs per action.',
    example: { unchanged: 12, restore: 3 },
  })
  summary!: Partial<Record<RecoveryAction, number>>;

  @ApiProperty({ type: [RecoveryEntryView] })
  graphs!: RecoveryEntryView[];

  static from({ at, dryRun, recoveredAt, entries }: Recovery): RecoveryView {
    const summary: Partial<Record<RecoveryAction, number>> = {};
    for (const { action } of entries) summary[action] = (summary[action] ?? 0) + 1;
    const graphs = entries.map((entry) => RecoveryEntryView.from(entry));
    return { at: toIso(at), dry_run: dryRun, recovered_at: toIsoOrNull(recoveredAt), summary, graphs };
  }
}
