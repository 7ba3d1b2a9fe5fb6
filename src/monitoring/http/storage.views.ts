import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsString, MaxLength } from 'class-validator';
import { toIso } from '../../platform/clock/instant';
import { IsQueryInteger } from '../../platform/http/query.decorators';
import { IsOptionalNotNull } from '../../platform/http/text.decorators';
import { RUN_STATUSES } from '../../platform/jobs/job.entity';
import { GROWTH_WINDOWS, type Growth, type Storage, type UserStorage } from '../storage.service';

type Counts = UserStorage['counts'];

const CONFIGS = 'Bytes of the configs of all versions, as they were sent.';
const PACKED = 'Bytes of these configs, and of copies of the current ones, compressed and encrypted.';
const RATIO = '`config_bytes` divided by `stored_bytes`; null if nothing is stored.';

/** The requested part of the list of users. */
export class StorageQuery {
  @ApiPropertyOptional({ description: 'Maximum number of users.', minimum: 1, maximum: 500, default: 20 })
  @IsQueryInteger(1, 500)
  limit: number = 20;

  @ApiPropertyOptional({
    description: 'The opaque cursor from the `Link` header; returns the users after it.',
  })
  @IsOptionalNotNull()
  @IsString()
  @MaxLength(1_000)
  after?: string;
}

/** Total of the stored data. */
export class StorageTotalView {
  @ApiProperty({ description: 'Users with stored data.', example: 180 })
  users!: number;

  @ApiProperty({ description: 'Graphs, including those in the trash.', example: 2_400 })
  graphs!: number;

  @ApiProperty({ example: 310_000 })
  versions!: number;

  @ApiProperty({ description: CONFIGS, example: 3_221_225_472 })
  config_bytes!: number;

  @ApiProperty({ description: PACKED, example: 71_303_168 })
  stored_bytes!: number;

  @ApiProperty({ type: Number, nullable: true, description: RATIO, example: 45.18 })
  ratio!: number | null;

  static from(total: Storage['total']): StorageTotalView {
    const { users, graphs, versions, config_bytes } = total;
    const stored_bytes = storedBytes(total);
    return { users, graphs, versions, config_bytes, stored_bytes, ratio: ratioOf(total) };
  }
}

/** A table with data of users. */
export class TableView {
  @ApiProperty({ enum: ['graphs', 'versions'], example: 'versions' })
  table!: string;

  @ApiProperty({ example: 310_000 })
  rows!: number;

  @ApiProperty({
    description: 'Bytes of its compressed and encrypted contents, without other columns and indexes.',
    example: 67_108_864,
  })
  bytes!: number;
}

/** The database as a whole. */
export class DatabaseView {
  @ApiProperty({ description: 'Bytes on disk, with all tables and indexes.', example: 104_857_600 })
  bytes!: number;

  @ApiProperty({
    type: Number,
    nullable: true,
    description: 'Bytes free for new rows; null on PostgreSQL, which does not report them.',
    example: 1_048_576,
  })
  free_bytes!: number | null;
}

/** Growth in a period; negative if usage has shrunk. */
export class GrowthView {
  @ApiProperty({ enum: Object.keys(GROWTH_WINDOWS), example: '24h' })
  window!: string;

  @ApiProperty({
    format: 'date-time',
    description:
      'Time of the record that is compared with. Later than the window if there are no older records.',
    example: '2026-11-22T09:07:00.000Z',
  })
  since!: string;

  @ApiProperty({ example: 12 })
  graphs!: number;

  @ApiProperty({ example: 1_440 })
  versions!: number;

  @ApiProperty({ example: 15_728_640 })
  config_bytes!: number;

  @ApiProperty({ example: 344_064 })
  stored_bytes!: number;

  static from({ window, since, counts }: Growth): GrowthView {
    const { graphs, versions, config_bytes } = counts;
    return {
      window,
      since: toIso(since),
      graphs,
      versions,
      config_bytes,
      stored_bytes: storedBytes(counts),
    };
  }
}

/** Result of the nightly check of the counters. */
export class UsageCheckView {
  @ApiProperty({ format: 'date-time', example: '2026-11-23T05:15:02.118Z' })
  at!: string;

  @ApiProperty({ enum: RUN_STATUSES.filter((status) => status !== 'running'), example: 'done' })
  status!: string;

  @ApiProperty({
    type: Number,
    nullable: true,
    description: 'Users whose counters were wrong and were corrected; null if the check failed.',
    example: 0,
  })
  drifted_users!: number | null;

  @ApiProperty({ type: Number, nullable: true, description: 'Sum of the differences in bytes.', example: 0 })
  drift_bytes!: number | null;
}

/** Usage of one user. */
export class UserStorageView {
  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    description: 'Null for a deleted account whose rows are still being removed.',
    example: '019a9e3c-7d10-7b3a-9c41-2f6f0a5d8e11',
  })
  user_id!: string | null;

  @ApiProperty({ example: 40 })
  graphs!: number;

  @ApiProperty({ example: 9_100 })
  versions!: number;

  @ApiProperty({ description: CONFIGS, example: 94_371_840 })
  config_bytes!: number;

  @ApiProperty({ description: PACKED, example: 2_097_152 })
  stored_bytes!: number;

  @ApiProperty({ type: Number, nullable: true, description: RATIO, example: 45 })
  ratio!: number | null;

  static from({ userId, counts }: UserStorage): UserStorageView {
    const { graphs, versions, config_bytes } = counts;
    const stored_bytes = storedBytes(counts);
    return { user_id: userId, graphs, versions, config_bytes, stored_bytes, ratio: ratioOf(counts) };
  }
}

/** `GET /monitoring/storage` */
export class StorageView {
  @ApiProperty({ type: StorageTotalView })
  total!: StorageTotalView;

  @ApiProperty({ type: [TableView] })
  tables!: TableView[];

  @ApiProperty({ type: DatabaseView })
  database!: DatabaseView;

  @ApiProperty({ type: [GrowthView], description: 'Empty until there is a record to compare with.' })
  growth!: GrowthView[];

  @ApiProperty({ type: UsageCheckView, nullable: true, description: 'Null before the first check.' })
  last_check!: UsageCheckView | null;

  @ApiProperty({ type: [UserStorageView], description: 'Users by `stored_bytes`, largest first.' })
  users!: UserStorageView[];

  static from({ total, database, growth, lastCheck, users }: Storage): StorageView {
    return {
      total: StorageTotalView.from(total),
      tables: [
        { table: 'graphs', rows: total.graphs, bytes: total.head_bytes },
        { table: 'versions', rows: total.versions, bytes: total.frame_bytes },
      ],
      database: { bytes: database.bytes, free_bytes: database.freeBytes },
      growth: growth.map((one) => GrowthView.from(one)),
      last_check: lastCheck && {
        at: toIso(lastCheck.at),
        status: lastCheck.status,
        drifted_users: lastCheck.driftedUsers,
        drift_bytes: lastCheck.driftBytes,
      },
      users: users.map((user) => UserStorageView.from(user)),
    };
  }
}

function storedBytes({ head_bytes, frame_bytes }: Counts): number {
  return head_bytes + frame_bytes;
}

function ratioOf(counts: Counts): number | null {
  const stored = storedBytes(counts);
  return stored > 0 ? Math.round((counts.config_bytes / stored) * 100) / 100 : null;
}
