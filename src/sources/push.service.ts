import { Injectable } from '@nestjs/common';
import { GraphQueue } from '../graphs/graph-queue';
import type { Caller } from '../platform/access/caller';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { AppError } from '../platform/errors/app-error';
import { connectionFailure } from './connection-failure';
import type { ConnectorSession, PushWarning, RemoteGraph } from './connectors/connector';
import { PushConflictError, PushRefusedError } from './connectors/connector-errors';
import { PushEvents } from './push-events';
import { PushIntakeService } from './push-intake.service';
import { PushTargetsService, type PushTarget } from './push-targets.service';
import { SourceSessionsService } from './source-sessions.service';

/** Time for a push with all its reads, ms. */
const PUSH_MS = 5 * 60_000;

/** What a push of a version would do. */
export interface PlannedPush {
  target: PushTarget;
  action: 'update' | 'create';
  /** Whether the graph was changed at the tool since it was read last. */
  drifted: boolean;
  warnings: PushWarning[];
}

/** How a version is pushed. */
export interface PushRequest {
  version: number;
  ifDrifted: 'refuse' | 'overwrite';
  publish: boolean | undefined;
}

/** What a push has done. */
export interface PushOutcome {
  target: PushTarget;
  remoteId: string;
  /** The tool's own revision of what it has now; null if it has none. */
  revision: string | null;
  /** The version that holds what the tool had before; null if it had nothing, or if that version is not kept. */
  previous: number | null;
  warnings: PushWarning[];
}

/** Pushes versions back to the tools they came from. Whatever happens, each state of the tool is stored here before and after. */
@Injectable()
export class PushService {
  constructor(
    private readonly targets: PushTargetsService,
    private readonly sessions: SourceSessionsService,
    private readonly intake: PushIntakeService,
    private readonly queue: GraphQueue,
    private readonly unitOfWork: UnitOfWork,
    private readonly events: PushEvents,
  ) {}

  /** What a push would do; changes nothing. 422 if it cannot be done, or the tool cannot be reached. */
  async plan(caller: Caller, graphId: string, version?: number): Promise<PlannedPush> {
    const target = await this.targets.find(caller, graphId, version);
    return this.connected(caller, target, async (session) => {
      const present = await this.intake.read(session, target);
      const push = { ...pushOf(target, present), publish: undefined };
      const { action, warnings } = await requirePush(session).planPush(push);
      return { target, action, drifted: this.intake.hasDrifted(target, present), warnings: [...warnings] };
    });
  }

  /** Pushes a version. 409 if the tool has drifted and `ifDrifted` refuses that, 422 with the tool's own reason. */
  async push(caller: Caller, graphId: string, request: PushRequest): Promise<PushOutcome> {
    return this.queue.run(caller.key, `push ${graphId}`, async () => {
      const target = await this.targets.find(caller, graphId, request.version);
      return this.connected(caller, target, (session) => this.pushTo(session, caller, target, request));
    });
  }

  private async pushTo(
    session: ConnectorSession,
    caller: Caller,
    target: PushTarget,
    { ifDrifted, publish }: PushRequest,
  ): Promise<PushOutcome> {
    const tool = requirePush(session);
    const present = await this.intake.read(session, target);
    const drifted = this.intake.hasDrifted(target, present);
    if (present) await this.intake.store(caller, target.item, target.connector, present);
    if (drifted && ifDrifted === 'refuse') throw hasDrifted();
    const previous = present && (await this.targets.storedVersion(caller, target));
    if (present && this.intake.isSame(target, present) && publish === undefined)
      return {
        target,
        remoteId: target.item.remote_id,
        revision: present.revision,
        previous,
        warnings: [ALREADY_THERE],
      };
    const push = { ...pushOf(target, present), publish };
    await this.unitOfWork.write((em) => this.events.started(em, caller, target));
    let failure: Error | undefined;
    const result = await tool.push(push).catch((error: unknown) => void (failure = error as Error));
    const remoteId = result?.remoteId ?? target.item.remote_id;
    const after = await this.intake.readBack(session, caller, target, remoteId, failure);
    const arrived = after !== null && this.intake.isSame(target, after);
    if (failure !== undefined && !arrived) throw failure;
    const warnings = [...(result?.warnings ?? []), ...oddities(failure, arrived)];
    await this.unitOfWork.write((em) => this.events.pushed(em, caller, target, remoteId));
    return { target, remoteId, revision: after?.revision ?? null, previous, warnings };
  }

  private async connected<T>(
    caller: Caller,
    { source }: PushTarget,
    work: (session: ConnectorSession) => Promise<T>,
  ): Promise<T> {
    const settings = await this.sessions.settingsOf(source, caller.id);
    const signal = AbortSignal.timeout(PUSH_MS);
    try {
      return await this.sessions.use(settings, signal, work);
    } catch (error) {
      throw signal.aborted ? unreachable('The tool took too long.') : answerFor(error);
    }
  }
}

const ALREADY_THERE: PushWarning = {
  code: 'already-there',
  message: 'The tool has this version already. Nothing was written.',
};

function pushOf({ title, config, item }: PushTarget, present: RemoteGraph | null) {
  return { remoteId: present ? item.remote_id : null, formerId: item.remote_id, title, config, present };
}

function requirePush(
  session: ConnectorSession,
): ConnectorSession & Required<Pick<ConnectorSession, 'push' | 'planPush'>> {
  if (canPush(session)) return session;
  throw new AppError(
    'unprocessable',
    'push-not-supported',
    'Versions cannot be pushed to sources of this kind. Export the version and import it at the tool.',
  );
}

function canPush(
  session: ConnectorSession,
): session is ConnectorSession & Required<Pick<ConnectorSession, 'push' | 'planPush'>> {
  return 'push' in session && 'planPush' in session;
}

/** What a user should know although the document is at the tool. */
function oddities(failure: unknown, arrived: boolean): PushWarning[] {
  if (failure !== undefined) {
    const sentence = connectionFailure(failure)?.sentence ?? 'Unexpected error.';
    const message = `The tool reported a failure, but it has stored the version: ${sentence}`;
    return [{ code: 'stored-despite-failure', message }];
  }
  if (arrived) return [];
  const message = 'The tool has stored something else than what was pushed. Compare the newest version here.';
  return [{ code: 'stored-differently', message }];
}

function answerFor(error: unknown): unknown {
  if (error instanceof AppError) return error;
  if (error instanceof PushConflictError) return hasDrifted();
  if (error instanceof PushRefusedError)
    return new AppError('unprocessable', 'push-refused', error.message, { cause: error });
  const known = connectionFailure(error);
  return known ? unreachable(known.sentence) : error;
}

function unreachable(sentence: string): AppError {
  return new AppError('unprocessable', 'tool-unavailable', sentence);
}

function hasDrifted(): AppError {
  return new AppError(
    'conflict',
    'drifted',
    'The graph was changed at the tool since it was read last. Its state there is stored here now as the newest version. Look at it, then push again with if_drifted "overwrite".',
  );
}
