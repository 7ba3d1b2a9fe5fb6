import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsString, MaxLength } from 'class-validator';
import { parseInstant, toIso } from '../../platform/clock/instant';
import { PageQuery } from '../../platform/http/pagination';
import { IsInstant, IsOptionalNotNull } from '../../platform/http/text.decorators';
import { SUBJECT_TYPES, type AuditEvent, type SubjectType } from '../audit-log.service';
import { ACTION_CODES, type Action } from '../domain/actions';
import type { Verification } from '../seal-verification.service';

const ACTIONS = Object.keys(ACTION_CODES) as Action[];
const ID_MAX = 100;

/** `GET /audit` */
export class AuditQuery extends PageQuery {
  @ApiPropertyOptional({ enum: ACTIONS, description: 'Only events of this kind.' })
  @IsOptionalNotNull()
  @IsIn(ACTIONS)
  action?: Action;

  @ApiPropertyOptional({ format: 'uuid', description: 'Only events about this graph and its versions.' })
  @IsOptionalNotNull()
  @IsString()
  @MaxLength(ID_MAX)
  graph_id?: string;

  @ApiPropertyOptional({
    format: 'uuid',
    description: "Only events about this account's data. For administrators.",
  })
  @IsOptionalNotNull()
  @IsString()
  @MaxLength(ID_MAX)
  user_id?: string;

  @ApiPropertyOptional({ format: 'date-time', description: 'Only events at or after this time.' })
  @IsOptionalNotNull()
  @IsInstant()
  from?: string;

  @ApiPropertyOptional({ format: 'date-time', description: 'Only events before this time.' })
  @IsOptionalNotNull()
  @IsInstant()
  to?: string;

  get fromTime(): number | undefined {
    return this.from === undefined ? undefined : parseInstant(this.from)!;
  }

  get toTime(): number | undefined {
    return this.to === undefined ? undefined : parseInstant(this.to)!;
  }
}

const ID = '019a9e3c-7d10-7b3a-9c41-2f6f0a5d8e11';

/** An event of the audit log. */
export class AuditEventView {
  @ApiProperty({ description: 'Grows with every event; may have gaps.', example: 4711 })
  seq!: number;

  @ApiProperty({ format: 'date-time', example: '2026-11-23T09:15:00.000Z' })
  at!: string;

  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    description: 'Owner of the data.',
    example: ID,
  })
  user_id!: string | null;

  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    description: 'Account that did it; null for the service itself and for anonymous requests.',
    example: ID,
  })
  actor_id!: string | null;

  @ApiProperty({ enum: ACTIONS, example: 'graph.updated' })
  action!: string;

  @ApiProperty({ enum: SUBJECT_TYPES, example: 'graph' })
  subject_type!: SubjectType;

  @ApiProperty({ type: String, format: 'uuid', nullable: true, example: ID })
  subject_id!: string | null;

  @ApiProperty({
    type: 'integer',
    nullable: true,
    description: 'The version that was created or changed.',
    example: 3,
  })
  version!: number | null;

  @ApiProperty({ type: String, nullable: true, example: '01a2079b-2310-7f48-b6f9-7eb0595de9c1' })
  request_id!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Null where another account did it, such as an administrator; administrators see it.',
    example: '203.0.113.7',
  })
  ip!: string | null;

  @ApiProperty({ type: 'object', nullable: true, additionalProperties: true, example: null })
  details!: Record<string, unknown> | null;

  static from(event: AuditEvent): AuditEventView {
    return {
      seq: event.seq,
      at: toIso(event.at),
      user_id: event.userId,
      actor_id: event.actorId,
      action: event.action,
      subject_type: event.subjectType,
      subject_id: event.subjectId,
      version: event.version,
      request_id: event.requestId,
      ip: event.ip,
      details: event.details,
    };
  }
}

/** `GET /audit/verification` */
export class VerificationView {
  @ApiProperty({ description: 'Whether all sealed events are unchanged.', example: true })
  intact!: boolean;

  @ApiProperty({ description: 'Sealed events that were read.', example: 4700 })
  events!: number;

  @ApiProperty({
    description: 'The last sealed `seq`. Later events are not covered.',
    example: 4700,
  })
  sealed_through!: number;

  @ApiProperty({ description: 'Events after the last seal: those of at most one minute.', example: 11 })
  unsealed_events!: number;

  @ApiPropertyOptional({ description: 'The first `seq` that differs from its seal.', example: 815 })
  first_bad_seq?: number;

  @ApiPropertyOptional({ description: 'What is wrong.', example: 'an event was removed' })
  reason?: string;

  static from({
    intact,
    events,
    sealedThrough,
    unsealed,
    firstBadSeq,
    reason,
  }: Verification): VerificationView {
    return {
      intact,
      events,
      sealed_through: sealedThrough,
      unsealed_events: unsealed,
      ...(firstBadSeq !== null && { first_bad_seq: firstBadSeq }),
      ...(reason !== null && { reason }),
    };
  }
}
