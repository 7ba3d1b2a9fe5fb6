import type { FieldRules, Fields } from '../../domain/fields';

const POINTER = {
  pattern: /^(\/[^\0]*)?$/,
  must: 'must be a JSON pointer such as /data/items, or empty',
  max: 500,
};
const PATH = { pattern: /^\/[^\s]*$/, must: 'must be a path such as /api/flows', max: 1_000 };

export const HTTP_OPTIONS: FieldRules = {
  preset: {
    type: 'choice',
    choices: ['none', 'graphomat'],
    default: 'none',
    about:
      'Ready-made settings: `graphomat` reads another GraphOMAT, with its list, its documents and its sign-in.',
  },
  list_path: {
    type: 'text',
    ...PATH,
    about: 'The path of the list, added to the address; without it the address itself.',
  },
  items: {
    type: 'text',
    ...POINTER,
    about: 'JSON pointer to the array of items in the list; empty: the list itself.',
  },
  next: {
    type: 'text',
    ...POINTER,
    about: "JSON pointer to the address of the list's next page. A `Link` header is followed by itself.",
  },
  skip: {
    type: 'text',
    max: 100,
    pattern: /^[\w.-]+$/,
    must: 'must be the name of a query parameter such as skip or offset',
    about:
      'Query parameter with the number of items to leave out, for lists that name no next page: asked until a page is empty.',
  },
  id: { type: 'text', ...POINTER, about: "JSON pointer to an item's id; `/id` by default." },
  title: {
    type: 'text',
    ...POINTER,
    about: "JSON pointer to an item's title; `/name` by default, else its id.",
  },
  changed: {
    type: 'text',
    ...POINTER,
    about:
      'JSON pointer to a version or a time of the last change: items are read again only when it differs.',
  },
  document_path: {
    type: 'text',
    ...PATH,
    about: 'The path of one document, with `{id}`; without it the items of the list are the documents.',
  },
  document: {
    type: 'text',
    ...POINTER,
    about: 'JSON pointer to the graph in the item or in the answer of `document_path`.',
  },
  sign_in_path: {
    type: 'text',
    ...PATH,
    about: 'Where a form with `username` and `password` is answered with an `access_token`.',
  },
};

export const HTTP_CREDENTIALS: FieldRules = {
  token: { type: 'text', max: 10_000, about: 'Sent as `Authorization: Bearer …`.' },
  header_name: {
    type: 'text',
    max: 100,
    pattern: /^[A-Za-z0-9_-]+$/,
    must: 'must be the name of a header',
    about: 'A header for authentication, with `header_value`.',
  },
  header_value: {
    type: 'text',
    max: 10_000,
    pattern: /^[\x20-\x7e]*$/,
    must: 'must be printable ASCII',
    about: 'The value of `header_name`.',
  },
  username: { type: 'text', max: 500, about: 'For basic authentication, or for `sign_in_path`.' },
  password: { type: 'text', max: 10_000, about: 'For basic authentication, or for `sign_in_path`.' },
};

/** The settings of the `http` connector as it uses them. */
export interface HttpSettings {
  listPath: string;
  items: string;
  next: string | undefined;
  skip: string | undefined;
  id: string;
  title: string;
  changed: string | undefined;
  documentPath: string | undefined;
  document: string;
  signInPath: string | undefined;
}

const GRAPHOMAT: Fields = {
  list_path: '/api/v1/graphs/',
  skip: 'skip',
  title: '/title',
  changed: '/updated_at',
  document_path: '/api/v1/graphs/{id}',
  document: '/config',
  sign_in_path: '/api/v1/auth/login',
};

/** Options on top of the preset. */
export function httpSettings(options: Fields): HttpSettings {
  const all = new Map(
    Object.entries({ ...(options['preset'] === 'graphomat' ? GRAPHOMAT : {}), ...options }),
  );
  const text = (name: string) => {
    const value = all.get(name);
    return typeof value === 'string' ? value : undefined;
  };
  return {
    listPath: text('list_path') ?? '',
    items: text('items') ?? '',
    next: text('next'),
    skip: text('skip'),
    id: text('id') ?? '/id',
    title: text('title') ?? '/name',
    changed: text('changed'),
    documentPath: text('document_path'),
    document: text('document') ?? '',
    signInPath: text('sign_in_path'),
  };
}
