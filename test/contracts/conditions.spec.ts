import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { OPERATIONAL_EVENTS } from '../../src/notifications/webhooks/domain/event-types';
import { CONDITIONS, CONDITION_IDS } from '../../src/platform/health/conditions';
import { startApp } from '../support/app';

const RULES = join(__dirname, '..', '..', 'deploy', 'prometheus', 'alerts.yml');

interface RulesFile {
  groups: Array<{ rules: Array<{ alert: string; expr: string }> }>;
}

it('the rules for Prometheus are those of the conditions', () => {
  const file = load(readFileSync(RULES, 'utf8')) as RulesFile;
  const expressions = Object.fromEntries(
    file.groups.flatMap(({ rules }) => rules.map(({ alert, expr }) => [alert, expr])),
  );
  for (const id of CONDITION_IDS) expect(expressions).toMatchObject(CONDITIONS[id].rules);
});

it('webhooks know each condition as an event', () => {
  expect([...OPERATIONAL_EVENTS].sort()).toEqual([...CONDITION_IDS].sort());
});

it('each condition is a part of /health', async () => {
  const app = await startApp();
  try {
    const { details } = (await app.anonymous.get('/health')).json<{ details: object }>();
    for (const id of CONDITION_IDS) expect(details).toHaveProperty(CONDITIONS[id].part);
  } finally {
    await app.close();
  }
});
