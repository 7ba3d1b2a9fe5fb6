import { UnsealError } from '../platform/crypto/sealed-box';
import { AppError } from '../platform/errors/app-error';
import { OutboundError } from '../platform/outbound/outbound-error';
import { ConnectorError } from './connectors/connector-errors';

/** The failure of a connection as the owner reads it. */
export interface ConnectionFailure {
  sentence: string;
  retryAfter: number | undefined;
}

/** The sentence for a failure that the owner can do something about; undefined for a fault of the service. */
export function connectionFailure(error: unknown): ConnectionFailure | undefined {
  if (error instanceof ConnectorError || error instanceof OutboundError)
    return { sentence: error.message, retryAfter: error.retryAfter };
  if (error instanceof UnsealError)
    return { sentence: 'The stored credentials cannot be read. Enter them again.', retryAfter: undefined };
  if (error instanceof AppError) return { sentence: error.message, retryAfter: error.retryAfter };
  return undefined;
}
