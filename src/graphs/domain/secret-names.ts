/** Names of members that hold what others must not read. */
const SECRET_NAME =
  /pass(?:word|wd|phrase|code)?$|^pass|^pwd$|[-_]pwd$|secret|token|api[-_ ]?key|access[-_ ]?key|private[-_ ]?key|^auth$|authorization|credential|cookie|bearer|signature|connection[-_ ]?string|^dsn$|webhook[-_ ]?url|^secure[-_ ]?(?:json)?[-_ ]?(?:data|settings|fields)/i;

/** Names that look like it and are none: counts and limits of a language model's tokens. */
const NO_SECRET =
  /max[-_ ]?(?:new[-_ ]?)?tokens?|tokens?[-_ ]?(?:count|limit|usage)|num[-_ ]?tokens|tokenizer|token[-_ ]?type/i;

/** What is shown instead of a secret. */
export const MASK = '••••••';

/** Whether a member of this name holds a secret. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name) && !NO_SECRET.test(name);
}
