import '../platform/hardening/guard-prototypes';
import { secretsIn } from '../graphs/domain/count-secrets';

/** The literal secrets in a document. Throws a SyntaxError for what is no JSON. */
export function count(bytes: Uint8Array): number {
  return secretsIn(bytes);
}
