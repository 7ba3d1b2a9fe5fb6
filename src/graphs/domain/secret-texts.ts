import { isSecretName, MASK } from './secret-names';

/** Of longer texts only this much is looked at unless said, in UTF-16 units. */
const MAX_LENGTH = 2_000;

/** A user or password in an address: `https://user:password@host`. */
const IN_ADDRESS = /(:\/\/(?:[^\s/?#@:"'<>]{1,200}:)?)[^\s/?#@"'<>]{1,500}@/g;

/** A parameter of an address: `?token=…`. Some names are secrets only there. */
const PARAMETER = /([?&;#])([\w.-]{1,60})=([^\s&#"'<>]+)/g;
const SECRET_PARAMETER = /^(?:key|sig|sign|code|auth|session|sid|jwt|sas)$/i;

/** `name = "value"`, `"name": "value"`, `name: value`, `'name' => 'value'`, also in JSON within JSON. */
const ASSIGNMENT =
  /(?<![\w.-])([\w.-]{0,40}?(?:pass|pwd|secret|token|key|auth|credential|cookie|bearer|signature|connection|dsn|webhook)[\w.-]{0,40})(\\*["'`]?\s{0,3}(?:=>|:=|[:=])\s{0,3})(\\*"[^"\\]*|\\*'[^'\\]*|`[^`]*|(?:(?:bearer|basic|token)\s+)?[^\s"'`&;,{}()[\]\\]+)/gi;

/** A value that is taken from elsewhere: `$json.token`, `{{…}}`, `process.env.TOKEN`. */
const EXPRESSION =
  /^[$<{(]|^(?:msg|process|env|os|self|this|flow|global|req|context|inputs?|data|params|args|kwargs|null|none|true|false|undefined)\b|^(?:bearer|basic|token)$/i;

/** A user and a password for curl. */
const CURL_USER = /((?:^|\s)(?:-u|--user|--proxy-user)[ =]["']?[^\s:"']{1,100}:)[^\s"']+/g;

/** A scheme of HTTP and what it carries. */
const SCHEME = /\b(bearer|basic)(\s+)[\w+/=.~-]{8,}/gi;

/** Keys of known forms, by their beginnings, and addresses that are secrets as a whole. */
const KEY =
  /\b(?:sk-[\w-]{8,}|[rs]k_(?:live|test)_\w{8,}|whsec_[\w+/=]{8,}|gh[oprsu]_\w{10,}|github_pat_\w{8,}|glpat-[\w-]{8,}|glsa_\w{10,}|npm_\w{20,}|hf_\w{10,}|xox[abeprs]-[\w-]{8,}|xapp-[\w-]{8,}|AKIA[A-Z0-9]{12,}|AIza[\w-]{20,}|ya29\.[\w-]{8,}|SG\.[\w-]{8,}[\w.-]*|eyJ[\w-]{10,}\.[\w-]{10,}[\w.-]*|\d{6,12}:[\w-]{30,})/g;
const SECRET_PATH =
  /(hooks\.slack\.com\/(?:services|workflows)\/|discord(?:app)?\.com\/api\/webhooks\/\d{1,30}\/|api\.telegram\.org\/bot|outlook\.office\.com\/webhook\/|webhook\.office\.com\/webhookb2\/)[^\s"'<>?]+/g;
const PRIVATE_KEY = /-----BEGIN [A-Z ]{0,30}PRIVATE KEY[^]*/;

/**
 * A text with the secrets in it replaced: in addresses and their parameters, in assignments of code and of JSON within
 * a text, after schemes of HTTP, and keys of known forms. Cut to `maxLength`. O(length).
 */
export function maskText(text: string, maxLength = MAX_LENGTH): string {
  return text
    .slice(0, maxLength)
    .replace(PRIVATE_KEY, MASK)
    .replace(IN_ADDRESS, `$1${MASK}@`)
    .replace(SECRET_PATH, `$1${MASK}`)
    .replace(PARAMETER, (all, mark: string, name: string) =>
      SECRET_PARAMETER.test(name) || isSecretName(name) ? `${mark}${name}=${MASK}` : all,
    )
    .replace(SCHEME, `$1$2${MASK}`)
    .replace(KEY, MASK)
    .replace(CURL_USER, `$1${MASK}`)
    .replace(ASSIGNMENT, maskAssignment);
}

function maskAssignment(all: string, name: string, between: string, value: string): string {
  if (!isSecretName(name)) return all;
  const quote = /^\\*["'`]/.exec(value)?.[0] ?? '';
  const rest = value.slice(quote.length);
  return rest === '' || EXPRESSION.test(rest) ? all : `${name}${between}${quote}${MASK}`;
}
