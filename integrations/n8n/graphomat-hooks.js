/* global fetch, AbortSignal */
'use strict';

/**
 * External hooks for n8n: calls the hook of a GraphOMAT source after a workflow was created, changed, deleted, archived
 * or published. Set EXTERNAL_HOOK_FILES to the path of this file, and GRAPHOMAT_HOOK_URL and GRAPHOMAT_HOOK_TOKEN.
 * A hook that throws or waits would forbid or delay what the user does, so this one does neither.
 */
const TIMEOUT_MS = 10_000;

const tell = async () => {
  const url = process.env.GRAPHOMAT_HOOK_URL;
  const token = process.env.GRAPHOMAT_HOOK_TOKEN;
  if (!url || !token) return;
  try {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await fetch(url, { method: 'POST', headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!answer.ok) console.warn(`graphomat: the hook answers ${answer.status}`);
  } catch (error) {
    console.warn(`graphomat: the hook cannot be called: ${error.message}`);
  }
};
const hook = async () => void tell();

module.exports = {
  workflow: {
    afterCreate: [hook],
    afterUpdate: [hook],
    afterDelete: [hook],
    afterArchive: [hook],
    afterUnarchive: [hook],
    activate: [hook],
  },
};
