import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { parseInstant, toIso } from '../../platform/clock/instant';
import { IsInstant } from '../../platform/http/text.decorators';
import { CHANGE_SPANS, type ChangeCount, type ChangeSpan } from '../graph-changes.service';

const SPANS = Object.keys(CHANGE_SPANS) as ChangeSpan[];

/** `GET /graphs/changes` */
export class ChangesQuery {
  @ApiProperty({ format: 'date-time', description: 'The first bucket begins here.' })
  @IsInstant()
  from!: string;

  @ApiProperty({ format: 'date-time', description: 'Only changes before this time.' })
  @IsInstant()
  to!: string;

  @ApiPropertyOptional({ enum: SPANS, default: 'day', description: 'A day has 24 hours.' })
  @IsIn(SPANS)
  by: ChangeSpan = 'day';

  get fromTime(): number {
    return parseInstant(this.from)!;
  }

  get toTime(): number {
    return parseInstant(this.to)!;
  }
}

/** Changes of graphs in a span of time. */
export class ChangeCountView {
  @ApiProperty({
    format: 'date-time',
    description: 'Where the span begins.',
    example: '2026-11-23T00:00:00.000Z',
  })
  at!: string;

  @ApiProperty({ type: 'integer', example: 12 })
  changes!: number;

  static from({ at, changes }: ChangeCount): ChangeCountView {
    return { at: toIso(at), changes };
  }
}
