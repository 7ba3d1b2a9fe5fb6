import { Injectable } from '@nestjs/common';
import type { Caller } from '../../platform/access/caller';
import { PERMISSIONS, Permission } from '../../platform/access/permission';
import { AppConfig } from '../../platform/config/app-config';
import { AppError, invalid } from '../../platform/errors/app-error';
import { OutboundClient } from '../../platform/outbound/outbound-client';
import { needsOperator } from './domain/event-types';

const URL_MAX = 2_000;

/** Checks what clients send about webhooks. */
@Injectable()
export class WebhookInputs {
  constructor(
    private readonly outbound: OutboundClient,
    private readonly config: AppConfig,
  ) {}

  /** The address in its normal form; 400 for one that cannot be sent to, 403 while webhooks are switched off. */
  address(text: string): string {
    this.requireOn();
    const fault = faultOf(text) ?? this.outbound.refusal(new URL(text));
    if (fault !== undefined) throw invalid([{ field: 'url', message: fault }]);
    return new URL(text).href;
  }

  /** 403 while webhooks are switched off. */
  requireOn(): void {
    if (this.config.get('WEBHOOKS') === 'on') return;
    throw new AppError(
      'forbidden',
      'webhooks-off',
      'Webhooks are switched off on this installation (WEBHOOKS).',
    );
  }

  /** 403 for events of the installation if the caller is not an operator. */
  requireAllowed(caller: Caller, events: readonly string[]): void {
    if (!needsOperator(events) || PERMISSIONS[caller.role].has(Permission.Operate)) return;
    throw new AppError(
      'forbidden',
      'operators-only',
      'Only operators can subscribe to events of the installation. Choose events of your own graphs and sources.',
    );
  }
}

function faultOf(text: string): string | undefined {
  if (text.length > URL_MAX) return `must have at most ${URL_MAX} characters`;
  // URL drops line breaks and tabs without a word.
  const url = /[\s\p{Cc}]/u.test(text) || !URL.canParse(text) ? undefined : new URL(text);
  if (!url || !/^https?:$/.test(url.protocol) || url.hostname === '')
    return 'must be an address such as https://hooks.example.org/graphs';
  if (url.username !== '' || url.password !== '') return 'must not contain a user name or password';
  if (url.hash !== '') return 'must not contain "#"';
  return undefined;
}
