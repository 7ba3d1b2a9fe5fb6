import '../from-bundle';
import 'reflect-metadata';
import { isEmail } from 'class-validator';
import { AccountsService } from '../auth/accounts.service';
import { PasswordLinksService } from '../auth/password-links.service';
import { toIso } from '../platform/clock/instant';
import { ROLES, type Role } from '../platform/access/permission';
import { Keyring } from '../platform/crypto/keyring';
import { AppError } from '../platform/errors/app-error';
import { OperatorError } from '../platform/errors/operator-error';
import { UsageError } from './run-main';
import { runTool, type Tool } from './tool';

const USAGE = `Usage: npm run users -- add <email> [--role user|operator|admin]
       npm run users -- reset-password <email>
  add             create an account, also where registration is closed, and make a one-time link for its password
  reset-password  make a one-time link with which the user sets a new password within 30 minutes
The link begins with PUBLIC_URL. The service may run meanwhile.`;

runTool(USAGE, async (tool, [command, email, ...rest]) => {
  if (email === undefined) throw new UsageError();
  if (command === 'add') await add(tool, email, roleOf(rest));
  else if (command !== 'reset-password' || rest.length > 0) throw new UsageError();
  return sayLink(tool, email);
});

async function add(tool: Tool, email: string, role: Role): Promise<void> {
  if (!isEmail(email)) throw new OperatorError(`"${email}" is not an e-mail address. Nothing was created.`);
  await tool.app.get(Keyring).check();
  try {
    await tool.app.get(AccountsService).add(email, role);
  } catch (error) {
    throw error instanceof AppError ? new OperatorError(error.message, { cause: error }) : error;
  }
  tool.say(`Created the account (role: ${role}).`);
}

function roleOf(rest: string[]): Role {
  if (rest.length === 0) return 'user';
  const role = ROLES.find((known) => known === rest[1]);
  if (rest.length !== 2 || rest[0] !== '--role' || !role) throw new UsageError();
  return role;
}

async function sayLink(tool: Tool, email: string): Promise<number> {
  const made = await tool.app.get(PasswordLinksService).makeForEmail(email);
  if (!made) {
    tool.say('There is no account with this e-mail address.');
    return 1;
  }
  tool.say(made.link);
  tool.say(`Valid once, until ${toIso(made.expiresAt)}. Give it to the user over a channel that you trust.`);
  return 0;
}
