import { Injectable } from '@nestjs/common';
import type { FedEvent } from '../../audit/journal-feed';
import { DiffService } from '../../diff/diff.service';
import { GraphReaderService } from '../../graphs/graph-reader.service';
import type { Caller } from '../../platform/access/caller';
import { toIso } from '../../platform/clock/instant';
import { AppConfig } from '../../platform/config/app-config';
import { AppError } from '../../platform/errors/app-error';
import { uuidText } from '../../platform/ids/uuid';
import { typeOfEvent } from './domain/event-types';
import { messageOf, type Message, type Told } from './domain/messages';
import { eventSentence } from './domain/event-sentence';
import { formatName } from './domain/webhook-format';
import type { WebhookRow } from './domain/webhook.entity';

/** Types whose message contains the difference to the version before. */
const WITH_DIFFERENCE = new Set(['graph.updated', 'graph.restored', 'graph.imported']);

/** Writes messages about events, for programs and for chats. */
@Injectable()
export class WebhookMessagesService {
  constructor(
    private readonly graphs: GraphReaderService,
    private readonly diffs: DiffService,
    private readonly config: AppConfig,
  ) {}

  /** The message about an event of the owner, or of the installation. */
  async of(webhook: WebhookRow, owner: Caller, event: FedEvent): Promise<Message> {
    const format = formatName(webhook.format);
    const type = typeOfEvent(event) ?? event.action;
    const isGraph = type.startsWith('graph.');
    const title = isGraph ? await this.titleOf(owner, event) : null;
    const told: Told = {
      type,
      at: event.at,
      data: dataOf(event, type, title),
      sentence: eventSentence(type, { title, version: event.version, details: event.details }),
      text: format === 'standard' ? null : await this.differenceOf(owner, event, type),
      link: isGraph ? this.link(`/graphs/${event.subjectId}`) : null,
    };
    return messageOf(format, `evt_${event.seq}`, told);
  }

  /** A message that says only that messages arrive. */
  test(webhook: WebhookRow, n: number, at: number): Message {
    const id = uuidText(webhook.id);
    const told: Told = {
      type: 'webhook.test',
      at,
      data: { webhook_id: id, sent_at: toIso(at) },
      sentence: 'This is a test. Messages of GraphOMAT Backup arrive here.',
      text: null,
      link: null,
    };
    return messageOf(formatName(webhook.format), `test_${id}_${n}`, told);
  }

  /** The present title; null for a graph that was purged. */
  private async titleOf(owner: Caller, { subjectId }: FedEvent): Promise<string | null> {
    try {
      return (await this.graphs.row(owner, subjectId ?? '')).title;
    } catch (error) {
      if (error instanceof AppError && error.kind === 'not_found') return null;
      throw error;
    }
  }

  /** Null if there is none, or if it cannot be made: the message is worth more than its text. */
  private async differenceOf(owner: Caller, event: FedEvent, type: string): Promise<string | null> {
    if (!WITH_DIFFERENCE.has(type) || event.version === null || event.subjectId === null) return null;
    try {
      const request = { from: null, to: event.version, with: null };
      return await this.diffs.describe(owner, event.subjectId, request, { markdown: false, reveal: false });
    } catch {
      return null;
    }
  }

  private link(path: string): string | null {
    const address = this.config.get('PUBLIC_URL');
    return address && this.config.get('CONSOLE') === 'on' ? `${address.replace(/\/+$/, '')}${path}` : null;
  }
}

/** What programs get: the facts of the journal's event, without the origin of the request. */
function dataOf(event: FedEvent, type: string, title: string | null): Told['data'] {
  const { seq, subjectId, version, actorId, details } = event;
  if (type.startsWith('graph.'))
    return { seq, graph_id: subjectId, version, title, actor_id: actorId, ...(details && { details }) };
  const { type: _, ...facts } = details ?? {};
  return { seq, ...(subjectId !== null && { source_id: subjectId }), ...facts };
}
