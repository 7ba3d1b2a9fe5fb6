import '../from-bundle';
import 'reflect-metadata';
import { setTimeout } from 'node:timers/promises';
import { JournalService } from '../audit/journal.service';
import { CopiedKeysService } from '../backups/copied-keys.service';
import { VaultService } from '../backups/vault.service';
import { Clock } from '../platform/clock/clock';
import { toIso } from '../platform/clock/instant';
import { beginFileRotation, endFileRotation } from '../platform/crypto/key-file-rotation';
import { KeyRotation, type NoteRetirement, type RotationProgress } from '../platform/crypto/key-rotation';
import { Keyring } from '../platform/crypto/keyring';
import { MasterKeySource } from '../platform/crypto/master-key-source';
import { AppError } from '../platform/errors/app-error';
import { OperatorError } from '../platform/errors/operator-error';
import { UsageError } from './run-main';
import { runTool, type Tool } from './tool';

const USAGE = `Usage: npm run keys -- status | rotate
  status  list the master keys, what they wrap in the database and in the copies, and whether they are available
  rotate  wrap every data key, in the database and in the copies, with a new master key. The service may run
          meanwhile; a copy that is being made is waited for. Needs the backup store (BACKUP_STORE_URL).
          With key files the new key is made; with ENCRYPTION_KEY set it to the new key,
          ENCRYPTION_KEY_PREVIOUS to the old one, restart the service, then rotate.`;

/** How long to wait before asking again whether a copy has ended, ms. */
const ASK_AGAIN_MS = 1_000;

runTool(USAGE, async (tool, [command, ...rest]) => {
  if (command === 'status' && rest.length === 0) return status(tool);
  if (command === 'rotate' && rest.length === 0) return rotate(tool);
  throw new UsageError();
});

async function status(tool: Tool): Promise<number> {
  const states = await tool.app.get(KeyRotation).status();
  const copied = await tool.app.get(CopiedKeysService, { strict: false }).countByMaster();
  for (const { id, current, atHand, retiredAt, keys } of states) {
    sayState(tool, {
      id,
      use: useOf({ current, atHand, retiredAt }),
      keys,
      atHand,
      copied: copied.get(id) ?? 0,
    });
  }
  const { current } = tool.app.get(MasterKeySource);
  const known = new Set(states.map(({ id }) => id));
  const others = [...copied].filter(([id]) => !known.has(id)).map(([id, keys]) => ({ id, keys }));
  for (const { id, keys } of others) {
    const atHand = current.find(Buffer.from(id, 'hex')) !== undefined;
    sayState(tool, { id, use: 'in copies only', keys: 0, atHand, copied: keys });
  }
  const ids = [...states.filter(({ keys }) => keys > 0).map(({ id }) => id), ...copied.keys()];
  const lost = new Set(ids.filter((id) => !current.find(Buffer.from(id, 'hex'))));
  if (lost.size > 0)
    tool.say(
      `${lost.size} master key(s) are missing: what they wrap cannot be read. Put them back (docs/operations.md, Keys).`,
    );
  if (!states.some(({ current: isCurrent }) => isCurrent))
    tool.say(`The key that is set, ${current.currentId.toString('hex')}, wraps nothing here.`);
  return lost.size > 0 ? 1 : 0;
}

function useOf(key: { current: boolean; atHand: boolean; retiredAt: number | null }): string {
  if (key.current) return 'current';
  if (key.retiredAt !== null) return `retired ${toIso(key.retiredAt)}`;
  return key.atHand ? 'being replaced' : 'needed';
}

function sayState(
  tool: Tool,
  state: { id: string; use: string; keys: number; atHand: boolean; copied: number },
): void {
  const { id, use, keys, atHand, copied } = state;
  tool.say(
    `${id}  ${use.padEnd(32)} ${String(keys).padStart(8)} keys  ${atHand ? 'available' : 'NOT available'}, ${copied} in the copies`,
  );
}

async function rotate(tool: Tool): Promise<number> {
  await tool.app.get(Keyring).check();
  const files = tool.config.get('ENCRYPTION_KEY') === undefined;
  if (files) beginFileRotation(tool.config.get('DATA_DIR'));
  tool.app.get(MasterKeySource).reload();
  const { done, total } = await rewrapAll(tool);
  if (tool.signal.aborted) {
    tool.say(
      `Stopped after ${done} of ${total}; "npm run keys -- rotate" continues from here. Keep both keys until then.`,
    );
    return 1;
  }
  const old = files ? endFileRotation(tool.config.get('DATA_DIR')) : undefined;
  tool.say(`All keys are wrapped by the new master key${total === 0 ? '; nothing had to be changed' : ''}.`);
  tool.say(
    `Copy the new key to a safe place${old ? ` (${old.currentPath})` : ''}. Keep the old one${old ? ` (${old.retiredPath})` : ''} as long as copies of the database from before today are kept.`,
  );
  return 0;
}

/** Rewraps and proves, in the database and in the store, then retires the old keys; from the start while accounts register under them. */
async function rewrapAll(tool: Tool): Promise<RotationProgress> {
  const rotation = tool.app.get(KeyRotation);
  const all: RotationProgress = { done: 0, total: 0 };
  const follow = ({ done, total }: RotationProgress) => tool.say(`${done} of ${total} keys rewrapped`);
  while (!tool.signal.aborted) {
    const { done, total } = await rotation.rewrap(follow, tool.signal);
    all.done += done;
    all.total += total;
    await rotation.prove(tool.signal);
    if (tool.signal.aborted || !(await rewrapCopies(tool))) break;
    if (await rotation.retire(noteRotation(tool, all.done > 0))) break;
  }
  return all;
}

/** Rewraps the keys in the backup store; waits for a copy that is being made. Returns false when it was stopped. */
async function rewrapCopies(tool: Tool): Promise<boolean> {
  const vault = tool.app.get(VaultService, { strict: false });
  for (let waited = false; !tool.signal.aborted; waited = true) {
    try {
      const { proven, unreadable } = await vault.rewrapCopiedKeys(tool.signal);
      tool.say(`${proven} keys in the copies open with the new master key`);
      for (const line of unreadable) tool.say(`WARNING ${line} It was unreadable before the rotation too.`);
      return true;
    } catch (error) {
      if (tool.signal.aborted) return false;
      if (!(error instanceof AppError) || error.code !== 'job-running') throw explained(error);
      if (!waited) tool.say('A copy is running. Waiting for its end.');
      await setTimeout(ASK_AGAIN_MS, undefined, { signal: tool.signal }).catch(() => undefined);
    }
  }
  return false;
}

function explained(error: unknown): Error {
  const reason = error instanceof Error ? error.message : String(error);
  return new OperatorError(
    `${reason} The keys in the database are rewrapped, but not all keys in the backup store are. Both master keys are ` +
      'needed until "npm run keys -- rotate" completes: run it again when the backup store works.',
    { cause: error },
  );
}

/** In the audit log: a rotation that was killed is noted by the run that completes it, and only once. */
function noteRotation({ app }: Tool, rewrapped: boolean): NoteRetirement {
  const [journal, clock] = [app.get(JournalService, { strict: false }), app.get(Clock)];
  return async (em, retired, keys) => {
    if (retired === 0 && !rewrapped) return;
    await journal.append(em, {
      action: 'service.master_key_changed',
      at: clock.now(),
      userKey: null,
      actorKey: null,
      subjectId: null,
      details: { keys },
    });
  };
}
