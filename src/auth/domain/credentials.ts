/** Characters of a password; counted as code points. */
export const PASSWORD_MIN = 12;
export const PASSWORD_MAX = 128;
/** Characters of an e-mail address at most (RFC 5321: 256 of a path, less the two brackets). */
export const EMAIL_MAX = 254;

/** Swagger UI fills its forms with such examples, and a press of "Execute" sends them. */
const PLACEHOLDER = /^<.*>$/;

/** The form in which two e-mail addresses are compared: trimmed, composed (NFC), lower case. */
export function comparableEmail(email: string): string {
  return email.trim().normalize('NFC').toLowerCase();
}

/** Why a password is refused for this e-mail address; undefined if it is accepted. */
export function passwordFault(password: string, email: string): string | undefined {
  const length = [...password].length;
  if (length < PASSWORD_MIN || length > PASSWORD_MAX)
    return `must have ${PASSWORD_MIN} to ${PASSWORD_MAX} characters`;
  if (PLACEHOLDER.test(password)) return 'must be a password of your own, not a placeholder in < and >';
  if (comparableEmail(password) === comparableEmail(email)) return 'must not be the e-mail address';
  return undefined;
}
