import type { components } from '../../api/schema';

export type SourceKind = components['schemas']['SourceView']['kind'];

/** A field of a source's options or credentials, as the form shows it. `docs/sources.md` lists them. */
export type FieldText = { name: string; label: string; hint?: string } & (
  | { type: 'text' | 'secret'; required?: boolean; placeholder?: string }
  | { type: 'flag'; standard: boolean }
  | { type: 'number'; standard: number; min: number; max: number }
  | { type: 'choice'; standard: string; choices: ReadonlyArray<readonly [value: string, text: string]> }
);

/** What the form says about a kind of tool. */
export interface KindText {
  label: string;
  address: { label: string; hint: string; placeholder: string };
  credentials: readonly FieldText[];
  options: readonly FieldText[];
}

const server = (placeholder: string, hint = 'As you open it in a browser, without the path of a page.') => ({
  label: 'Address',
  hint,
  placeholder,
});
const apiKey = (hint: string): FieldText => ({
  name: 'api_key',
  label: 'API key',
  type: 'secret',
  required: true,
  hint,
});
const USERNAME: FieldText = { name: 'username', label: 'User', type: 'text' };
const PASSWORD: FieldText = { name: 'password', label: 'Password', type: 'secret' };

export const KINDS: Readonly<Record<SourceKind, KindText>> = {
  'node-red': {
    label: 'Node-RED',
    address: server('http://127.0.0.1:1880', 'Of the editor. All flows of a Node-RED are one graph.'),
    credentials: [
      { ...USERNAME, hint: 'Of the editor. The permission "read" is enough, a push needs "*".' },
      PASSWORD,
      {
        name: 'token',
        label: 'Access token',
        type: 'secret',
        hint: 'Instead of user and password. An open Node-RED needs neither.',
      },
    ],
    options: [
      {
        name: 'deployment',
        label: 'A push restarts',
        type: 'choice',
        standard: 'full',
        choices: [
          ['full', 'all flows'],
          ['flows', 'changed flows'],
          ['nodes', 'changed nodes'],
        ],
      },
    ],
  },
  n8n: {
    label: 'n8n',
    address: server('https://n8n.example.org'),
    credentials: [
      apiKey(
        'With the scopes workflow:list and workflow:read; for a push also workflow:create and workflow:update.',
      ),
    ],
    options: [
      {
        name: 'state',
        label: 'Versions are',
        type: 'choice',
        standard: 'drafts',
        choices: [
          ['drafts', 'what the editor shows'],
          ['published', 'only what runs'],
        ],
      },
    ],
  },
  grafana: {
    label: 'Grafana',
    address: server('https://grafana.example.org'),
    credentials: [
      {
        name: 'token',
        label: 'Token',
        type: 'secret',
        hint: 'Of a service account that may read dashboards; for a push also write them.',
      },
      { ...USERNAME, hint: 'User and password instead of a token.' },
      PASSWORD,
    ],
    options: [
      {
        name: 'namespace',
        label: 'Organisation',
        type: 'text',
        placeholder: 'org-2',
        hint: 'Its namespace, if it is not found by itself.',
      },
    ],
  },
  langflow: {
    label: 'Langflow',
    address: server('http://127.0.0.1:7860'),
    credentials: [apiKey('Made in the settings of Langflow.')],
    options: [],
  },
  flowise: {
    label: 'Flowise',
    address: server('http://127.0.0.1:3000'),
    credentials: [apiKey('With the permissions chatflows:view and agentflows:view.')],
    options: [],
  },
  comfyui: {
    label: 'ComfyUI',
    address: server('http://127.0.0.1:8188'),
    credentials: [],
    options: [
      {
        name: 'user',
        label: 'User',
        type: 'text',
        hint: 'Whose workflows, if ComfyUI runs with --multi-user.',
      },
    ],
  },
  folder: {
    label: 'Folder of the server',
    address: {
      label: 'Path',
      hint: 'An absolute path on the machine of this service. The operator permits folders by SOURCE_FOLDERS.',
      placeholder: '/srv/flows',
    },
    credentials: [],
    options: [{ name: 'subfolders', label: 'Read folders inside too', type: 'flag', standard: true }],
  },
  http: {
    label: 'Any server with JSON',
    address: server('https://flows.example.org', 'Paths of the list and the documents are added to it.'),
    credentials: [
      { name: 'token', label: 'Token', type: 'secret', hint: 'Sent as a bearer token.' },
      { name: 'header_name', label: 'Header', type: 'text', hint: 'Or a header of your own with its value.' },
      { name: 'header_value', label: 'Value of the header', type: 'secret' },
      { ...USERNAME, hint: 'Or user and password.' },
      PASSWORD,
    ],
    options: [
      {
        name: 'preset',
        label: 'The server is',
        type: 'choice',
        standard: 'none',
        choices: [
          ['none', 'described below'],
          ['graphomat', 'another GraphOMAT'],
        ],
      },
      { name: 'list_path', label: 'Path of the list', type: 'text', placeholder: '/flows' },
      {
        name: 'items',
        label: 'Items in the list',
        type: 'text',
        placeholder: '/items',
        hint: 'JSON pointer to the array. Empty: the list itself.',
      },
      { name: 'id', label: 'Id of an item', type: 'text', placeholder: '/id', hint: 'JSON pointer.' },
      { name: 'title', label: 'Title of an item', type: 'text', placeholder: '/name', hint: 'JSON pointer.' },
      {
        name: 'changed',
        label: 'Version of an item',
        type: 'text',
        placeholder: '/updated_at',
        hint: 'JSON pointer to a number or time. Items are read only when it differs.',
      },
      {
        name: 'document_path',
        label: 'Path of a document',
        type: 'text',
        placeholder: '/flows/{id}',
        hint: 'Empty: the items are the documents.',
      },
      {
        name: 'document',
        label: 'Graph in the document',
        type: 'text',
        placeholder: '/flow',
        hint: 'JSON pointer. Empty: the whole document.',
      },
      {
        name: 'next',
        label: 'Next page of the list',
        type: 'text',
        placeholder: '/next',
        hint: 'JSON pointer to its address. A Link header is followed without it.',
      },
      {
        name: 'skip',
        label: 'Parameter that skips items',
        type: 'text',
        placeholder: 'offset',
        hint: 'For lists that name no next page.',
      },
      {
        name: 'sign_in_path',
        label: 'Path to sign in',
        type: 'text',
        hint: 'Where user and password are answered with an access_token.',
      },
    ],
  },
};

/** Options that every kind has. */
export const COMMON: readonly FieldText[] = [
  {
    name: 'on_gone',
    label: 'A graph that is gone at the tool',
    type: 'choice',
    standard: 'keep',
    choices: [
      ['keep', 'stays here'],
      ['trash', 'moves to the trash'],
    ],
  },
  {
    name: 'gone_days',
    label: 'Days until it moves to the trash',
    type: 'number',
    standard: 7,
    min: 0,
    max: 3_650,
  },
  {
    name: 'min_minutes',
    label: 'Minutes between two versions of a graph',
    type: 'number',
    standard: 0,
    min: 0,
    max: 10_080,
    hint: 'The last state is always stored. 0: each change that a run finds is a version.',
  },
  {
    name: 'verify_tls',
    label: 'Verify the certificate of the tool',
    type: 'flag',
    standard: true,
  },
];

export const KIND_NAMES = Object.keys(KINDS) as SourceKind[];

/** The kind of this name; undefined for any other word. */
export function kindOf(name: string | undefined): SourceKind | undefined {
  return KIND_NAMES.find((kind) => kind === name);
}
