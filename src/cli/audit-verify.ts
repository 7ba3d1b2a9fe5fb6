import '../from-bundle';
import 'reflect-metadata';
import { SealVerificationService } from '../audit/seal-verification.service';
import { Keyring } from '../platform/crypto/keyring';
import { UsageError } from './run-main';
import { runTool, type Tool } from './tool';

const USAGE = `Usage: npm run audit:verify
  Recomputes the seals of the audit log. Changes nothing; the service may run.
  Exit code 0: every sealed event is unchanged. 1: the first changed event is named.`;

runTool(USAGE, (tool, args) => {
  if (args.length > 0) throw new UsageError();
  return verify(tool);
});

async function verify(tool: Tool): Promise<number> {
  // With a wrong key every seal would look changed.
  await tool.app.get(Keyring).check();
  const { intact, events, sealedThrough, unsealed, firstBadSeq, reason } = await tool.app
    .get(SealVerificationService)
    .run((seal) => void (seal % 100 === 0 && tool.say(`… ${seal} seals`)));
  tool.say(
    `${events} sealed events read, sealed through event ${sealedThrough}, ${unsealed} after it not sealed yet`,
  );
  if (intact) tool.say('INTACT: every sealed event is unchanged');
  else {
    tool.say(`NOT INTACT from event ${firstBadSeq ?? 'unknown'} on: ${reason}`);
    tool.say(
      'docs/security.md, "The audit log", explains what this proves and what to do after a restore by hand.',
    );
  }
  return intact ? 0 : 1;
}
