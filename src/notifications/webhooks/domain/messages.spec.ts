import fc from 'fast-check';
import { eventSentence } from './event-sentence';
import { messageOf, type Told } from './messages';
import { type WEBHOOK_FORMATS } from './webhook-format';

const told = (more: Partial<Told> = {}): Told => ({
  type: 'graph.updated',
  at: Date.parse('2026-11-23T09:15:00.000Z'),
  data: { seq: 7 },
  sentence: 'Graph “Order intake” was changed (version 2).',
  text: 'Version 1 → 2\n\nNodes changed (1):\n  http: url `a` → `b`\n',
  link: 'https://backup.example.org/graphs/1',
  ...more,
});
const bodyOf = (format: (typeof WEBHOOK_FORMATS)[number], event: Told) =>
  messageOf(format, 'evt_7', event).body.toString();
const jsonOf = (format: (typeof WEBHOOK_FORMATS)[number], event: Told) =>
  JSON.parse(bodyOf(format, event)) as Record<string, unknown>;

const hostile = fc.string({
  unit: fc.constantFrom('`', '```', '<', '>', '&', '@everyone', '\r\n', '\0', '🙂', '*', 'a', '\ud800'),
  maxLength: 400,
});

it('writes each format as its receiver expects it', () => {
  expect(jsonOf('standard', told())).toEqual({
    type: 'graph.updated',
    timestamp: '2026-11-23T09:15:00.000Z',
    data: { seq: 7 },
  });
  expect(jsonOf('slack', told()).text).toBe(
    'Graph “Order intake” was changed (version 2).\n```\nVersion 1 → 2\n\nNodes changed (1):\n  http: url ´a´ → ´b´\n```\n<https://backup.example.org/graphs/1|Open>',
  );
  expect(jsonOf('discord', told())).toMatchObject({ allowed_mentions: { parse: [] } });
  expect(bodyOf('ntfy', told())).toContain('Graph “Order intake” was changed (version 2).\nVersion 1 → 2');
  expect(messageOf('ntfy', 'evt_7', told()).headers).toEqual({
    'content-type': 'text/plain; charset=utf-8',
    title: 'GraphOMAT Backup',
  });
});

it('stays within the limits of chats, and nothing ends the block of a text', () => {
  fc.assert(
    fc.property(hostile, fc.array(hostile, { maxLength: 40 }), (title, lines) => {
      const sentence = eventSentence('graph.updated', { title, version: 3, details: null });
      expect(sentence).not.toMatch(/[\r\n\0]/);
      const event = told({ sentence, text: lines.join('\n') });
      const slack = String(jsonOf('slack', event).text);
      const discord = String(jsonOf('discord', event).content);
      const ntfy = messageOf('ntfy', 'evt_7', event).body;
      expect(discord.length).toBeLessThanOrEqual(2_000);
      expect(ntfy.length).toBeLessThanOrEqual(4_096);
      expect(discord.match(/```/g)).toHaveLength(2);
      expect(slack.replace('<https://backup.example.org/graphs/1|Open>', '')).not.toMatch(/[<>]/);
      expect(ntfy.toString('utf8').isWellFormed()).toBe(true);
    }),
  );
});

it.each([
  [
    'graph.deleted',
    { title: 'A', version: 4, details: null },
    'Graph “A” was moved to the trash (version 4).',
  ],
  ['graph.purged', { title: null, version: null, details: null }, 'A graph was purged.'],
  [
    'source.failing',
    { title: null, version: null, details: { reason: 'It is down.' } },
    'A source fails: It is down.',
  ],
  ['backup.stale', { title: null, version: null, details: { state: 'over' } }, 'Over: The backup is stale.'],
  ['__proto__', { title: null, version: null, details: null }, '__proto__.'],
])('describes %s in a sentence', (type, parts, sentence) => {
  expect(eventSentence(type, parts)).toBe(sentence);
});
