import 'reflect-metadata';
import { JournalService } from '../audit/journal.service';
import { Clock } from '../platform/clock/clock';
import { toIso } from '../platform/clock/instant';
import { beginFileRotation, endFileRotation } from '../platform/crypto/key-file-rotation';
import { KeyRotation } from '../platform/crypto/key-rotation';
import { Keyring } from '../platform/crypto/keyring';
import { MasterKeySource } from '../platform/crypto/master-key-source';
import { UnitOfWork } from '../platform/database/unit-of-work';
import { runTool, type Tool } from './tool';

const USAGE = `Usage: npm run keys -- status | rotate
  status  which master keys wrap the users' data keys, and whether they are at hand
  rotate  wrap every user's data key with a new master key; the service may run meanwhile.
          With key files the new key is made; with ENCRYPTION_KEY set it to the new key,
          ENCRYPTION_KEY_PREVIOUS to the old one, restart the service, then rotate.`;

runTool(async (tool, [command]) => {
  if (command === 'status') return status(tool);
  if (command === 'rotate') return rotate(tool);
  tool.say(USAGE);
  return 2;
});

async function status(tool: Tool): Promise<number> {
  const states = await tool.app.get(KeyRotation).status();
  for (const { id, current, atHand, retiredAt, keys } of states) {
    const use = current ? 'current' : retiredAt === null ? 'being replaced' : `retired ${toIso(retiredAt)}`;
    tool.say(
      `${id}  ${use.padEnd(32)} ${String(keys).padStart(8)} keys  ${atHand ? 'at hand' : 'NOT at hand'}`,
    );
  }
  const lost = states.filter(({ keys, atHand }) => keys > 0 && !atHand);
  if (lost.length > 0)
    tool.say(
      `${lost.length} master key(s) are missing: the users they belong to cannot be read. Put them back (docs/operations.md, Keys).`,
    );
  return lost.length > 0 ? 1 : 0;
}

async function rotate(tool: Tool): Promise<number> {
  await tool.app.get(Keyring).check();
  const files = tool.config.get('ENCRYPTION_KEY') === undefined;
  if (files) beginFileRotation(tool.config.get('DATA_DIR'));
  tool.app.get(MasterKeySource).reload();
  const { done, total } = await tool.app
    .get(KeyRotation)
    .run(({ done, total }) => tool.say(`${done} of ${total} keys wrapped anew`), tool.signal);
  if (tool.signal.aborted) {
    tool.say(
      `Stopped after ${done} of ${total}; "npm run keys -- rotate" goes on from here. Keep both keys until then.`,
    );
    return 1;
  }
  if (total > 0) await noteRotation(tool, done);
  const old = files ? endFileRotation(tool.config.get('DATA_DIR')) : undefined;
  tool.say(`All keys are wrapped by the new master key${total === 0 ? '; there was nothing to do' : ''}.`);
  tool.say(
    `Copy the new key to a safe place${old ? ` (${old.currentPath})` : ''}. Keep the old one${old ? ` (${old.retiredPath})` : ''} as long as copies of the database from before today are kept.`,
  );
  return 0;
}

async function noteRotation({ app }: Tool, keys: number): Promise<void> {
  const event = {
    action: 'service.master_key_changed',
    at: app.get(Clock).now(),
    userKey: null,
    actorKey: null,
    subjectId: null,
    details: { keys },
  } as const;
  await app.get(UnitOfWork).write((em) => app.get(JournalService, { strict: false }).append(em, event));
}
