import { ApiProperty } from '@nestjs/swagger';
import { toIso } from '../../platform/clock/instant';
import { uuidText } from '../../platform/ids/uuid';
import type { OwnSession } from '../own-sessions.service';

/** An open session of the caller. */
export class SessionView {
  @ApiProperty({ format: 'uuid', example: '5f0a1c3e-9d10-4b3a-8c41-2f6f0a5d8e11' })
  id!: string;

  @ApiProperty({ description: 'Whether it is the session of this request.', example: true })
  current!: boolean;

  @ApiProperty({ description: 'The address where it began.', example: '203.0.113.7' })
  ip!: string;

  @ApiProperty({ format: 'date-time', example: '2026-11-23T09:15:00.000Z' })
  created_at!: string;

  @ApiProperty({
    format: 'date-time',
    description: 'When it was renewed last. A client that is in use renews it when its access token ends.',
    example: '2026-11-23T11:45:00.000Z',
  })
  renewed_at!: string;

  @ApiProperty({
    format: 'date-time',
    description: 'When it ends unless it is renewed before.',
    example: '2026-12-23T11:45:00.000Z',
  })
  expires_at!: string;

  static from({ id, ip, createdAt, renewedAt, expiresAt }: OwnSession, current: Buffer): SessionView {
    return {
      id,
      current: id === uuidText(current),
      ip,
      created_at: toIso(createdAt),
      renewed_at: toIso(renewedAt),
      expires_at: toIso(expiresAt),
    };
  }
}
