import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean } from 'class-validator';
import { toIsoOrNull } from '../../../platform/clock/instant';
import { IsText } from '../../../platform/http/text.decorators';
import type { SummarySetting } from '../summaries.service';

/** Whether you want a weekly summary. */
export class SummaryBody {
  @ApiProperty({ example: true })
  @IsBoolean()
  enabled!: boolean;
}

/** Whether you get a weekly summary. */
export class SummaryView {
  @ApiProperty({ description: 'Whether this installation sends mails.', example: true })
  available!: boolean;

  @ApiProperty({ example: true })
  enabled!: boolean;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'When the next one is sent; null if none is.',
    example: '2026-11-30T06:00:00.000Z',
  })
  next_at!: string | null;

  static from({ available, enabled, nextAt }: SummarySetting): SummaryView {
    return { available, enabled, next_at: toIsoOrNull(nextAt) };
  }
}

/** The token of a link in a mail. */
export class UnsubscribeQuery {
  @ApiProperty({ description: 'What follows `token=` in the link.', example: 'AZqePH0Qezqc…' })
  @IsText(1, 200)
  token!: string;
}
