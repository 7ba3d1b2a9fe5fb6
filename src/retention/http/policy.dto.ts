import { ApiProperty, ApiPropertyOptional, type ApiPropertyOptions } from '@nestjs/swagger';
import { IsOptional, registerDecorator } from 'class-validator';
import { toIso } from '../../platform/clock/instant';
import {
  BUILT_IN_POLICY,
  POLICY_FIELDS,
  POLICY_LIMITS,
  isAllowed,
  minOf,
  type PolicyField,
  type PolicyPart,
} from '../../platform/config/policy-limits';
import type { AgedVersion } from '../../graphs/upkeep/graph-retention.service';
import { REASONS, toRemove, type Reason, type Verdict } from '../domain/decide';
import { POLICY_LEVELS, type EffectivePolicy, type PolicyLevel } from '../domain/policy';
import type { GraphPreview } from '../preview.service';

const WHAT: Readonly<Record<PolicyField, string>> = {
  keep_last: 'The newest so many versions.',
  keep_within_hours: 'All versions of the last so many hours, so that any time in them can be reached.',
  keep_hourly: 'The last version of each of the newest so many hours (UTC) that have one.',
  keep_daily: 'The last version of each of the newest so many days that have one.',
  keep_weekly: 'The last version of each of the newest so many weeks (from Monday on) that have one.',
  keep_monthly: 'The last version of each of the newest so many months that have one.',
  keep_yearly: 'The last version of each of the newest so many years that have one.',
  deleted_retention_days: 'How many days a graph that is deleted from now on can be recovered.',
};

const bounds = (field: PolicyField): ApiPropertyOptions => ({
  type: 'integer',
  minimum: minOf(field),
  maximum: POLICY_LIMITS[field],
  description: WHAT[field],
  example: BUILT_IN_POLICY[field],
});

const messageOf = (field: PolicyField) =>
  `must be a whole number from ${minOf(field)} to ${POLICY_LIMITS[field]}, or null to inherit it`;

/** One field of a policy: a whole number within its bounds, null or left out to inherit it. */
function PolicyNumber(): PropertyDecorator {
  return (target: object, property: string | symbol) => {
    const field = property as PolicyField;
    ApiPropertyOptional({ ...bounds(field), nullable: true })(target, property);
    IsOptional()(target, property);
    registerDecorator({
      name: 'isPolicyNumber',
      target: target.constructor,
      propertyName: field,
      validator: {
        validate: (value: unknown) => isAllowed(field, value),
        defaultMessage: () => messageOf(field),
      },
    });
  };
}

/** A policy as one level says it; what is left out or null is inherited. 0 switches a rule off. */
export class PolicyBody {
  @PolicyNumber() keep_last?: number | null;
  @PolicyNumber() keep_within_hours?: number | null;
  @PolicyNumber() keep_hourly?: number | null;
  @PolicyNumber() keep_daily?: number | null;
  @PolicyNumber() keep_weekly?: number | null;
  @PolicyNumber() keep_monthly?: number | null;
  @PolicyNumber() keep_yearly?: number | null;
  @PolicyNumber() deleted_retention_days?: number | null;
}

/** A candidate inside a body; its faults are told as one. */
function IsCandidate(): PropertyDecorator {
  return (target: object, property: string | symbol) =>
    registerDecorator({
      name: 'isCandidate',
      target: target.constructor,
      propertyName: property as string,
      validator: {
        validate: (value: unknown) => candidateFault(value) === undefined,
        defaultMessage: (args) => candidateFault(args?.value) ?? 'is not a policy',
      },
    });
}

function candidateFault(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return 'must be a policy, an object';
  for (const [name, number] of Object.entries(value)) {
    const field = POLICY_FIELDS.find((known) => known === name);
    if (!field) return `must have no other fields than ${POLICY_FIELDS.join(', ')}`;
    if (number !== null && !isAllowed(field, number)) return `has a wrong ${field}: it ${messageOf(field)}`;
  }
  return undefined;
}

/** A preview: with a candidate, or of the policy in effect. */
export class PreviewBody {
  static readonly bodyIsOptional = true;

  @ApiPropertyOptional({
    type: PolicyBody,
    nullable: true,
    description: 'What to try; without it the policy in effect.',
    example: { keep_last: 10, keep_daily: 14 },
  })
  @IsOptional()
  @IsCandidate()
  policy?: PolicyBody | null;
}

/** What a level says, without what it leaves to be inherited. */
export function policyPart(body: PolicyBody): PolicyPart {
  const said = POLICY_FIELDS.filter((field) => typeof body[field] === 'number');
  return Object.fromEntries(said.map((field) => [field, body[field]]));
}

const PolicyShown = (field: PolicyField): PropertyDecorator => ApiProperty(bounds(field));
const LEVELS_EXAMPLE = Object.fromEntries(
  POLICY_FIELDS.map((field) => [field, field === 'keep_last' ? 'user' : 'default']),
);

/** The policy in effect, and where each of its fields comes from. */
export class PolicyView {
  @PolicyShown('keep_last') keep_last!: number;
  @PolicyShown('keep_within_hours') keep_within_hours!: number;
  @PolicyShown('keep_hourly') keep_hourly!: number;
  @PolicyShown('keep_daily') keep_daily!: number;
  @PolicyShown('keep_weekly') keep_weekly!: number;
  @PolicyShown('keep_monthly') keep_monthly!: number;
  @PolicyShown('keep_yearly') keep_yearly!: number;
  @PolicyShown('deleted_retention_days') deleted_retention_days!: number;

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'string', enum: [...POLICY_LEVELS] },
    description: 'The level each field comes from.',
    example: LEVELS_EXAMPLE,
  })
  levels!: Record<PolicyField, PolicyLevel>;

  static from({ policy, levels }: EffectivePolicy): PolicyView {
    return { ...policy, levels };
  }
}

/** What becomes of one version. */
export class VersionVerdictView {
  @ApiProperty({ type: 'integer', example: 7 })
  version!: number;

  @ApiProperty({ format: 'date-time', example: '2026-11-23T09:15:00.000Z' })
  created_at!: string;

  @ApiProperty({ type: 'integer', example: 1824 })
  config_bytes!: number;

  @ApiProperty({ example: true })
  kept!: boolean;

  @ApiProperty({
    enum: REASONS,
    isArray: true,
    example: ['last', 'daily'],
    description: 'The rules that keep it; none when it would go.',
  })
  reasons!: readonly Reason[];

  static from({ version, reasons }: Verdict<AgedVersion>): VersionVerdictView {
    const { version: number, createdAt, configBytes } = version;
    return {
      version: number,
      created_at: toIso(createdAt),
      config_bytes: configBytes,
      kept: reasons.length > 0,
      reasons,
    };
  }
}

/** What becomes of one graph of an account. */
export class GraphVerdictView {
  @ApiProperty({ format: 'uuid', example: '019a9e3c-7d10-7b3a-9c41-2f6f0a5d8e11' })
  graph_id!: string;

  @ApiProperty({ example: 'Order intake' })
  title!: string;

  @ApiProperty({ type: 'integer', example: 41 })
  kept!: number;

  @ApiProperty({ type: 'integer', example: 12 })
  removed!: number;

  @ApiProperty({
    type: 'integer',
    description: 'Bytes that the removed versions take in the database.',
    example: 5120,
  })
  removed_bytes!: number;

  @ApiProperty({ type: PolicyView })
  policy!: PolicyView;

  @ApiProperty({ type: [VersionVerdictView] })
  versions!: VersionVerdictView[];

  static from({ graph, effective, verdicts }: GraphPreview): GraphVerdictView {
    const gone = toRemove(verdicts);
    return {
      graph_id: graph.graphId,
      title: graph.title,
      kept: verdicts.length - gone.length,
      removed: gone.length,
      removed_bytes: gone.reduce((sum, { frameBytes }) => sum + frameBytes, 0),
      policy: PolicyView.from(effective),
      versions: verdicts.map((verdict) => VersionVerdictView.from(verdict)),
    };
  }
}

/** A preview of one graph. */
export class GraphPreviewView extends GraphVerdictView {
  @ApiProperty({
    format: 'date-time',
    description: 'By this time was decided.',
    example: '2026-11-23T09:15:00.000Z',
  })
  at!: string;

  static of(preview: GraphPreview & { at: number }): GraphPreviewView {
    return { at: toIso(preview.at), ...GraphVerdictView.from(preview) };
  }
}

/** A preview of a whole account. */
export class AccountPreviewView {
  @ApiProperty({
    format: 'date-time',
    description: 'By this time was decided.',
    example: '2026-11-23T09:15:00.000Z',
  })
  at!: string;

  @ApiProperty({ type: PolicyView })
  policy!: PolicyView;

  @ApiProperty({ type: [GraphVerdictView] })
  graphs!: GraphVerdictView[];

  @ApiProperty({ type: 'integer', example: 410 })
  kept!: number;

  @ApiProperty({ type: 'integer', example: 120 })
  removed!: number;

  @ApiProperty({ type: 'integer', example: 51200 })
  removed_bytes!: number;
}
