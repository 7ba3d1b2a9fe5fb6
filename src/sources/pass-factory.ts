import { Injectable } from '@nestjs/common';
import type { Caller } from '../platform/access/caller';
import { Clock } from '../platform/clock/clock';
import { AppConfig } from '../platform/config/app-config';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { Connectors } from './connectors/connectors';
import { COMMON_OPTIONS, withDefaults, type Fields } from './domain/fields';
import { kindName } from './domain/source-kind';
import type { SourceRow } from './domain/source.entity';
import { GraphIntakeService } from './graph-intake.service';
import type { SecretCounter } from './secret-counter';
import { SourceItemsStore } from './source-items.store';
import { SourcePass } from './source-pass';

/** Makes passes with what they need. */
@Injectable()
export class PassFactory {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly items: SourceItemsStore,
    private readonly intake: GraphIntakeService,
    private readonly connectors: Connectors,
    private readonly clock: Clock,
    private readonly config: AppConfig,
  ) {}

  create(source: SourceRow, caller: Caller, signal: AbortSignal, secrets: SecretCounter): SourcePass {
    const { unitOfWork, items, intake, clock } = this;
    const connector = this.connectors.get(kindName(source.kind));
    const rules = { ...COMMON_OPTIONS, ...connector.options };
    const options = new Map(Object.entries(withDefaults(rules, JSON.parse(source.options) as Fields)));
    const limits = {
      documentBytes: this.config.get('MAX_BODY_BYTES'),
      itemsMax: this.config.get('SOURCE_ITEMS_MAX'),
    };
    return new SourcePass(
      { unitOfWork, items, intake, clock, secrets },
      { caller, source, connector, options, ...limits, signal },
    );
  }
}
