import { countSecrets } from './count-secrets';
import { masked } from './secrets';

type Json = Parameters<typeof countSecrets>[0];

const KEY = 'sk-proj-0123456789abcdef';

it.each<[string, Json, number]>([
  ['a header that was typed in', { headers: [{ name: 'Authorization', value: 'Bearer abc123def456' }] }, 1],
  ['a password by its name', { db: { host: 'x', password: 'hunter2' } }, 1],
  ['a key by its form, in text', { widgets_values: [`my key is ${KEY}`, 7] }, 1],
  ['an address with a password', { url: 'postgres://me:secret@host/db' }, 1],
  [
    'an environment variable of Node-RED of the type cred',
    { env: [{ name: 'X', type: 'cred', value: 's3cret' }] },
    1,
  ],
  [
    'a password field of Langflow',
    { template: { k: { password: true, load_from_db: false, value: 'abc' } } },
    1,
  ],
  [
    'a document inside of a text, as Flowise has it',
    { flowData: JSON.stringify({ inputs: { openAIApiKey: KEY } }) },
    1,
  ],
  ['several', { a: { token: 'x1' }, b: [{ apiKey: 'y' }, { secret: 'z' }] }, 3],
  [
    'a credential of n8n, which is elsewhere',
    { credentials: { httpBasicAuth: { id: 'Ab1', name: 'Shop' } } },
    0,
  ],
  ['a credential of Flowise, which is elsewhere', { credential: '019a9e3c-7d10-7b3a-9c41-2f6f0a5d8e11' }, 0],
  ['a variable of Langflow', { k: { password: true, load_from_db: true, value: 'OPENAI_API_KEY' } }, 0],
  [
    'expressions and variables',
    { token: '={{ $env.T }}', apiKey: '${KEY}', secret: '{{x}}', password: '%PASS%' },
    0,
  ],
  ['empty ones, numbers and flags', { password: '', token: null, has_password: true, maxTokens: 100 }, 0],
  ['words of people', { notes: 'Use basic authentication. The bearer is somebody.' }, 0],
  ['a text that only looks like a document', { note: '[not JSON', password: '{not JSON' }, 1],
  ['hostile names', JSON.parse('{"__proto__":{"token":"x"},"constructor":"y"}') as Json, 1],
])('counts %s', (_, document, expected) => {
  expect(countSecrets(document)).toBe(expected);
});

it('counts at least one wherever a typed-in value would be masked by its form', () => {
  const texts = [
    KEY,
    'ghp_0123456789abcdefghij',
    'Basic dXNlcjpwYXNz',
    'eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0',
    'https://a:b@c',
  ];
  for (const text of texts) {
    expect(masked(text)).not.toBe(text);
    expect(countSecrets({ text })).toBe(1);
  }
});
