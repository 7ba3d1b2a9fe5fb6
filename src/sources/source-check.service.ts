import { Injectable } from '@nestjs/common';
import type { Caller } from '../platform/access/caller';
import { Clock } from '../platform/clock/clock';
import { tooManyRequests } from '../platform/errors/app-error';
import { Log } from '../platform/logging/log';
import { connectionFailure } from './connection-failure';
import type { ConnectorSession, ListedGraph } from './connectors/connector';
import { SourceInputs, type GivenConnection } from './source-inputs';
import { SourceSessionsService } from './source-sessions.service';

/** Graphs that a check shows at most. */
const SHOWN = 200;
const CHECK_MS = 60_000;
/** After this time a check shows what it has found, and reads no further page of the tool's list. */
const LIST_MS = 3_000;
/** Checks of one user at the same time. */
const AT_ONCE = 2;

/** What a connection would find. */
export interface SourceCheck {
  ok: boolean;
  toolVersion: string | null;
  items: Array<Pick<ListedGraph, 'remoteId' | 'title'>>;
  problems: string[];
}

/** Tries connections out. Changes nothing. */
@Injectable()
export class SourceCheckService {
  private readonly running = new Map<number, number>();

  constructor(
    private readonly inputs: SourceInputs,
    private readonly sessions: SourceSessionsService,
    private readonly log: Log,
    private readonly clock: Clock,
  ) {}

  /** Connects and lists the first graphs. 400 for wrong fields, 429 while two checks of the caller run. */
  async check(caller: Caller, given: GivenConnection): Promise<SourceCheck> {
    const connection = this.inputs.checkConnection(given);
    const running = this.running.get(caller.key) ?? 0;
    if (running >= AT_ONCE) throw tooManyRequests(5);
    this.running.set(caller.key, running + 1);
    const signal = AbortSignal.timeout(CHECK_MS);
    try {
      const found = await this.sessions.use(connection, signal, (session) => this.lookAt(session));
      return isUnverified(connection) ? { ...found, problems: [UNVERIFIED, ...found.problems] } : found;
    } catch (error) {
      return this.failed(error, signal);
    } finally {
      const left = this.running.get(caller.key)! - 1;
      if (left > 0) this.running.set(caller.key, left);
      else this.running.delete(caller.key);
    }
  }

  /** Lists the first graphs of a tool. */
  private async lookAt(session: ConnectorSession): Promise<SourceCheck> {
    const items: SourceCheck['items'] = [];
    const end = this.clock.now() + LIST_MS;
    for await (const page of session.list()) {
      items.push(...page.slice(0, SHOWN - items.length).map(({ remoteId, title }) => ({ remoteId, title })));
      if (items.length >= SHOWN || page.length === 0 || this.clock.now() >= end) break;
    }
    return { ok: true, toolVersion: session.toolVersion, items, problems: [...session.problems] };
  }

  private failed(error: unknown, signal: AbortSignal): SourceCheck {
    const known = signal.aborted
      ? { sentence: `The tool took longer than ${CHECK_MS / 1_000} s.` }
      : connectionFailure(error);
    if (!known) this.log.error('a check of a source failed unexpectedly', { error });
    const problem = known?.sentence ?? 'Unexpected error. See the log of the service for details.';
    return { ok: false, toolVersion: null, items: [], problems: [problem] };
  }
}

const UNVERIFIED =
  'The certificate of the tool is not verified (option verify_tls): anyone on the network between can read and change what is sent, including the credentials.';

function isUnverified({ url, options }: GivenConnection): boolean {
  return options['verify_tls'] === false && url.startsWith('https:');
}
