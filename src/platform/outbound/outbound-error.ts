/**
 * A request to a foreign server failed. The message is one sentence for the owner of the connection; it contains no
 * credentials, no content and no path.
 */
export class OutboundError extends Error {
  constructor(
    message: string,
    /** Seconds after which the server wants to be asked again; undefined if it did not say. */
    readonly retryAfter?: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'OutboundError';
  }
}

/** Sentences for the error codes of sockets, DNS and TLS. `%` is the host. */
const SENTENCES: Readonly<Record<string, string>> = {
  ENOTFOUND: 'The host name % does not exist.',
  EAI_AGAIN: 'The host name % cannot be resolved at the moment.',
  EAI_FAIL: 'The host name % cannot be resolved.',
  ECONNREFUSED: '% refuses the connection. Check the address and the port, and that the tool is running.',
  ECONNRESET: '% closed the connection before the answer was complete.',
  EPIPE: '% closed the connection before the request was complete.',
  ETIMEDOUT: '% does not answer.',
  EHOSTUNREACH: '% cannot be reached: there is no route to it.',
  ENETUNREACH: '% cannot be reached: there is no route to its network.',
  EADDRNOTAVAIL: '% cannot be reached from this machine.',
  EPROTO: '% does not speak TLS on this port. Try http:// instead of https://.',
  ERR_SSL_WRONG_VERSION_NUMBER: '% does not speak TLS on this port. Try http:// instead of https://.',
  HPE_INVALID_CONSTANT: '% does not answer in HTTP on this port. Try https:// instead of http://.',
  HPE_HEADER_OVERFLOW: '% answers with headers that are too large.',
  CERT_HAS_EXPIRED: 'The certificate of % has expired.',
  CERT_NOT_YET_VALID: 'The certificate of % is not valid yet.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'The certificate of % was issued for another name.',
};
const CERTIFICATE = /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|CERT_)/;
const UNTRUSTED =
  'The certificate of % is not signed by a trusted authority. Let the operator add the authority (SOURCE_CA_FILE), or set the option verify_tls to false.';

/** The sentence for an error of a socket, of DNS or of TLS. */
export function outboundErrorOf(error: unknown, host: string): OutboundError {
  if (error instanceof OutboundError) return error;
  const code = codeOf(error);
  const known = Object.hasOwn(SENTENCES, code) ? new Map(Object.entries(SENTENCES)).get(code) : undefined;
  const sentence = known ?? (CERTIFICATE.test(code) ? UNTRUSTED : `The request to % failed (${code}).`);
  return new OutboundError(sentence.replace('%', host), undefined, { cause: error });
}

function codeOf(error: unknown): string {
  const { code, errors } = error as { code?: unknown; errors?: unknown[] };
  if (typeof code === 'string' && /^\w+$/.test(code)) return code.startsWith('HPE_') ? httpCode(code) : code;
  // Several addresses were tried (AggregateError).
  if (Array.isArray(errors) && errors.length > 0) return codeOf(errors[0]);
  return 'unknown error';
}

/** All but one of the parser's errors mean the same: what came is no HTTP. */
function httpCode(code: string): string {
  return code === 'HPE_HEADER_OVERFLOW' ? code : 'HPE_INVALID_CONSTANT';
}
