import type { OpenDatabase } from '../platform/database/database';
import type { DatabaseTarget } from '../platform/database/database-url';
import type { Databases } from '../platform/database/databases';
import type { UnitOfWork } from '../platform/database/unit-of-work';
import type { RebuildProgressRow } from './domain/vault.entity';
import {
  RebuildError,
  sourceOf,
  type RebuildOptions,
  type RebuildPlan,
  type RebuildPlanner,
} from './rebuild-plan';
import type { RebuildStore } from './rebuild.store';

/** The database that a rebuild makes, with the schema of its segments. */
export class RebuildTarget {
  private open: { database: OpenDatabase; schema: string } | undefined;

  constructor(
    private readonly databases: Databases,
    private readonly store: RebuildStore,
    private readonly planner: RebuildPlanner,
    private readonly target: DatabaseTarget,
  ) {}

  /**
   * Where an earlier call of the same plan ended, or undefined for a database that is empty. Removes what
   * can be removed without a loss: a partial rebuild of another plan, an installation without accounts. Throws
   * RebuildError for anything else.
   */
  async prepare(
    plan: RebuildPlan,
    options: RebuildOptions,
  ): Promise<{ segment: string; frames: number } | undefined> {
    const migrations = await this.databases.migrationsOf(this.target);
    if (migrations.length === 0) return undefined;
    const begun = await this.databases.inspect(this.target, (em) => this.store.progress(em));
    if (begun?.finished === 1)
      throw new RebuildError(
        'The database is not empty: it was rebuilt from copies already, completely. Start the service on it, or name an empty database with --to.',
      );
    if (begun && (await this.continues(begun, plan, options, migrations))) return begun;
    if (!begun) await this.requireNoAccounts();
    await this.databases.clear(this.target);
    return undefined;
  }

  private async continues(
    begun: RebuildProgressRow,
    plan: RebuildPlan,
    options: RebuildOptions,
    migrations: readonly string[],
  ): Promise<boolean> {
    if (begun.source !== sourceOf(plan, options) || begun.tip !== plan.tip.name) return false;
    const at = plan.segments.flat().find(({ name }) => name === begun.segment);
    if (!at) return false;
    // Another schema than that of the rows loaded last: an older version of this program migrated it at a start.
    const { schema } = await this.planner.headerOf(at);
    return schema.length === migrations.length && schema.every((name) => migrations.includes(name));
  }

  private async requireNoAccounts(): Promise<void> {
    const { users, graphs, versions } = await this.databases.inspect(this.target, (em) =>
      this.store.contents(em),
    );
    if (users > 0 || graphs > 0 || versions > 0)
      throw new RebuildError(
        `The database is not empty: it has ${users} accounts and ${graphs} graphs. A rebuild never changes them. Name an empty database with --to.`,
      );
  }

  /** The database after the given migrations. */
  async at(migrations: readonly string[]): Promise<UnitOfWork> {
    const schema = migrations.join(' ');
    if (this.open?.schema !== schema) {
      await this.close();
      this.open = { database: await this.databases.open(this.target, migrations), schema };
    }
    return this.open.database.unitOfWork;
  }

  async close(): Promise<void> {
    await this.open?.database.close();
    this.open = undefined;
  }
}
