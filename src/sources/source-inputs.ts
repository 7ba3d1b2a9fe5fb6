import { Injectable } from '@nestjs/common';
import { AppConfig } from '../platform/config/app-config';
import { AppError, invalid, type FieldError } from '../platform/errors/app-error';
import type { Connector } from './connectors/connector';
import { Connectors } from './connectors/connectors';
import { COMMON_OPTIONS, checkFields, givenFields, type Fields } from './domain/fields';
import { normalAddress, normalFolder } from './domain/source-address';
import { kindName, type SourceKind } from './domain/source-kind';
import type { SourceRow } from './domain/source.entity';

/** Options or credentials as a client sends them. */
export type GivenFields = Readonly<Record<string, unknown>>;

/** A connection as a client describes it. */
export interface GivenConnection {
  kind: SourceKind;
  url: string;
  options: GivenFields;
  credentials: GivenFields;
}

/** A source as a client describes it. */
export interface NewSource extends GivenConnection {
  name: string;
  everyMinutes: number;
}

/** What a client changes; undefined fields stay as they are. */
export interface SourceChange {
  name?: string | undefined;
  url?: string | undefined;
  enabled?: boolean | undefined;
  everyMinutes?: number | undefined;
  options?: GivenFields | undefined;
  credentials?: GivenFields | undefined;
}

/** A connection whose fields are valid. */
export interface CheckedConnection {
  kind: SourceKind;
  url: string;
  options: Fields;
  credentials: Fields;
}

/** Checks what clients send about sources: the rules of each kind are those of its connector. */
@Injectable()
export class SourceInputs {
  constructor(
    private readonly connectors: Connectors,
    private readonly config: AppConfig,
  ) {}

  /** 400 with all faults; 403 while sources are switched off. */
  checkConnection(given: GivenConnection): CheckedConnection {
    this.requireOn();
    const connector = this.connectors.find(given.kind);
    if (!connector) {
      const message = `must be one of: ${this.connectors.kinds.join(', ')}`;
      throw invalid([{ field: 'kind', message }]);
    }
    const options = givenFields(given.options);
    const credentials = givenFields(given.credentials);
    const address = addressOf(connector, given.url);
    const faults = [...faultsOf(connector, given.options, given.credentials), ...address.faults];
    if (faults.length > 0) throw invalid(faults);
    return { kind: given.kind, url: address.url, options, credentials };
  }

  /** As `checkConnection`. */
  checkNew(given: NewSource): CheckedConnection & Pick<NewSource, 'name' | 'everyMinutes'> {
    return { ...this.checkConnection(given), name: given.name, everyMinutes: given.everyMinutes };
  }

  /** As `checkConnection`; 400 for another address without credentials. */
  checkChange(row: SourceRow, change: SourceChange) {
    this.requireOn();
    const connector = this.connectors.get(kindName(row.kind));
    const address = change.url === undefined ? undefined : addressOf(connector, change.url);
    const options = change.options ?? (JSON.parse(row.options) as Fields);
    const faults = [
      ...(address?.faults ?? []),
      ...faultsOf(connector, options, change.credentials, row.credentials.length > 0),
    ];
    if (address && isElsewhere(address.url, row.url) && row.credentials.length > 0 && !change.credentials)
      faults.push({ field: 'credentials', message: 'must be sent again when the address changes' });
    if (faults.length > 0) throw invalid(faults);
    return {
      name: change.name,
      enabled: change.enabled,
      everyMinutes: change.everyMinutes,
      url: address?.url,
      options: change.options && givenFields(change.options),
      credentials: change.credentials && givenFields(change.credentials),
    };
  }

  private requireOn(): void {
    if (this.config.get('SOURCES') === 'on') return;
    throw new AppError(
      'forbidden',
      'sources-off',
      'Sources are switched off on this installation (SOURCES).',
    );
  }
}

/** The faults of options and credentials; stored credentials are not checked again. */
function faultsOf(
  connector: Connector,
  options: GivenFields,
  credentials: GivenFields | undefined,
  isStored = false,
): FieldError[] {
  const rules = { ...COMMON_OPTIONS, ...connector.options };
  const named = (prefix: string) => (fault: FieldError) => ({ ...fault, field: `${prefix}.${fault.field}` });
  const faults = [
    ...checkFields(rules, options).map(named('options')),
    ...(credentials === undefined && isStored
      ? []
      : checkFields(connector.credentials, credentials ?? {}).map(named('credentials'))),
  ];
  if (faults.length > 0 || !connector.faults || (credentials === undefined && isStored)) return faults;
  return connector.faults(givenFields(options), givenFields(credentials ?? {}));
}

function addressOf(connector: Connector, text: string): { url: string; faults: FieldError[] } {
  try {
    return { url: connector.isLocal ? normalFolder(text) : normalAddress(text), faults: [] };
  } catch (error) {
    return { url: '', faults: [{ field: 'url', message: (error as Error).message }] };
  }
}

function isElsewhere(url: string, before: string): boolean {
  if (!URL.canParse(url) || !URL.canParse(before)) return url !== before;
  return new URL(url).origin !== new URL(before).origin;
}
