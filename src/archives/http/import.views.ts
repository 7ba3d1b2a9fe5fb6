import { ApiProperty } from '@nestjs/swagger';
import type { ImportAction, ImportEntry } from '../import-report';

const ACTIONS = ['created', 'extended', 'skipped', 'refused'] as const satisfies readonly ImportAction[];

/** One graph of an upload. */
export class ImportEntryView {
  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Its file or folder in the archive; null for a JSON document.',
  })
  name!: string | null;

  @ApiProperty({ type: String, nullable: true })
  title!: string | null;

  @ApiProperty({
    enum: ACTIONS,
    description: '`extended`: the graph is here, and newer versions of it were added.',
  })
  action!: ImportAction;

  @ApiProperty({ type: String, format: 'uuid', nullable: true })
  graph_id!: string | null;

  @ApiProperty({
    type: 'integer',
    description:
      'Versions that were written, or would be. A graph that is refused keeps those before the fault.',
  })
  versions!: number;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Why it was skipped or refused, or what was left out of it.',
  })
  reason!: string | null;
}

/** What an import did, or would do. */
export class ImportView {
  @ApiProperty()
  dry_run!: boolean;

  @ApiProperty({ type: 'integer' })
  created!: number;

  @ApiProperty({ type: 'integer' })
  extended!: number;

  @ApiProperty({ type: 'integer' })
  skipped!: number;

  @ApiProperty({ type: 'integer' })
  refused!: number;

  @ApiProperty({ type: [ImportEntryView] })
  entries!: ImportEntryView[];

  static from(entries: readonly ImportEntry[], dryRun: boolean): ImportView {
    const count = (action: ImportAction) => entries.filter((entry) => entry.action === action).length;
    return {
      dry_run: dryRun,
      created: count('created'),
      extended: count('extended'),
      skipped: count('skipped'),
      refused: count('refused'),
      entries: entries.map(({ graphId, ...entry }) => ({ ...entry, graph_id: graphId })),
    };
  }
}
