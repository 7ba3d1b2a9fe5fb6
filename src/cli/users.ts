import 'reflect-metadata';
import { PasswordLinksService } from '../auth/password-links.service';
import { toIso } from '../platform/clock/instant';
import { UsageError } from './run-main';
import { runTool } from './tool';

const USAGE = `Usage: npm run users -- reset-password <email>
  reset-password  make a one-time link with which the user sets a new password within 30 minutes.
                  It begins with PUBLIC_URL. The service may run meanwhile.`;

runTool(USAGE, async (tool, [command, email, ...rest]) => {
  if (command !== 'reset-password' || email === undefined || rest.length > 0) throw new UsageError();
  const made = await tool.app.get(PasswordLinksService).makeForEmail(email);
  if (!made) {
    tool.say('There is no account with this e-mail address.');
    return 1;
  }
  tool.say(made.link);
  tool.say(`Valid once, until ${toIso(made.expiresAt)}. Give it to the user over a channel that you trust.`);
  return 0;
});
