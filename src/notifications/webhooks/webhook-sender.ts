import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/clock';
import { OutboundClient } from '../../platform/outbound/outbound-client';
import { OutboundError } from '../../platform/outbound/outbound-error';
import type { OutboundSession } from '../../platform/outbound/outbound-session';
import { signedHeaders } from './domain/signature';
import type { Message } from './domain/messages';
import type { WebhookSecrets } from './webhook-vault';

/** Time that a receiver has to answer, ms. */
const TIMEOUT_MS = 10_000;
const GONE = 410;

/** What became of one request. */
export interface Sent {
  delivered: boolean;
  /** Null without an answer. */
  status: number | null;
  /** A sentence for the owner; null if it was delivered. */
  failure: string | null;
  /** Seconds after which the receiver wants to be asked again. */
  retryAfter: number | undefined;
  /** The receiver wants no more messages. */
  isGone: boolean;
  durationMs: number;
}

/** Sends signed messages. What receivers answer is not read: only the status counts. */
@Injectable()
export class WebhookSender {
  constructor(
    private readonly outbound: OutboundClient,
    private readonly clock: Clock,
  ) {}

  /** A session with one receiver; close it. */
  open(): OutboundSession {
    return this.outbound.open({ verifyTls: true });
  }

  /** Sends a message once. Rejects only if `signal` is aborted. */
  async send(
    session: OutboundSession,
    secrets: WebhookSecrets,
    message: Message,
    signal: AbortSignal,
  ): Promise<Sent> {
    const begun = this.clock.monotonic();
    const duration = () => Math.round(this.clock.monotonic() - begun);
    try {
      const { status, retryAfter } = await session.request({
        method: 'POST',
        url: new URL(secrets.url),
        headers: this.headers(secrets, message),
        body: message.body,
        maxBytes: 0,
        ignoreBody: true,
        timeoutMs: TIMEOUT_MS,
        signal,
      });
      const delivered = status >= 200 && status < 300;
      const failure = delivered ? null : `The receiver answered ${status}.`;
      return { delivered, status, failure, retryAfter, isGone: status === GONE, durationMs: duration() };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof OutboundError)) throw error;
      const failed = { delivered: false, status: null, failure: error.message, isGone: false };
      return { ...failed, retryAfter: error.retryAfter, durationMs: duration() };
    }
  }

  private headers({ secret, previous }: WebhookSecrets, message: Message): Record<string, string> {
    const seconds = Math.floor(this.clock.now() / 1_000);
    const secrets = previous ? [secret, previous] : [secret];
    return {
      ...message.headers,
      ...signedHeaders({ id: message.id, seconds, body: message.body }, secrets),
      'content-length': String(message.body.length),
    };
  }
}
