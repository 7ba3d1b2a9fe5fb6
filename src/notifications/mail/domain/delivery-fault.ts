/**
 * What a failed delivery means: `refused` is the server's last word on this mail; `deferred`: this mail later;
 * `server`: no mail can be sent now.
 */
export type DeliveryFault = 'refused' | 'deferred' | 'server';

/** The parts of an SMTP client's error that decide. */
export interface SmtpFailure {
  /** Such as ECONNECTION, ETIMEDOUT, EAUTH, EENVELOPE, EMESSAGE. */
  code?: string | undefined;
  /** The server's reply, such as 421 or 550. */
  responseCode?: number | undefined;
  /** The SMTP command that failed, such as RCPT TO. */
  command?: string | undefined;
}

/** Codes of what concerns one mail; all others concern the connection, the credentials or the server. */
const OF_ONE_MAIL = ['EENVELOPE', 'EMESSAGE'];
/** The service is not available and closes the connection (RFC 5321, 3.8). */
const CLOSING = 421;

/** Decides what a failure means. A refused sender concerns all mails: the operator has to change MAIL_FROM. */
export function faultOf({ code, responseCode, command }: SmtpFailure): DeliveryFault {
  const isOfServer = !OF_ONE_MAIL.includes(code ?? '') || responseCode === CLOSING || command === 'MAIL FROM';
  if (isOfServer) return 'server';
  return responseCode !== undefined && responseCode >= 500 ? 'refused' : 'deferred';
}

/** A short code for logs and rows, without the server's text, which may hold an address. */
export function failureCode({ code, responseCode }: SmtpFailure): string {
  const name = /^[A-Z][A-Z0-9_]{0,30}$/.test(code ?? '') ? code! : 'UNKNOWN';
  return responseCode === undefined ? name : `${name} ${Math.trunc(responseCode)}`;
}
