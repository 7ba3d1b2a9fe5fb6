/* global fetch, AbortSignal */
'use strict';

/**
 * Calls the hook of a GraphOMAT source after each deploy. Settings, in settings.js or as environment variables:
 * graphomatBackup: { url: 'https://backup.example.org/api/v1/hooks/sources/<id>', token: 'gosh_…' }
 * (GRAPHOMAT_HOOK_URL, GRAPHOMAT_HOOK_TOKEN). A call that fails is logged and never disturbs a deploy.
 */
const TIMEOUT_MS = 10_000;

module.exports = (RED) => {
  const settings = RED.settings.graphomatBackup || {};
  const url = settings.url || process.env.GRAPHOMAT_HOOK_URL;
  const token = settings.token || process.env.GRAPHOMAT_HOOK_TOKEN;
  let last;

  const tell = async () => {
    try {
      const headers = { authorization: `Bearer ${token}` };
      const answer = await fetch(url, { method: 'POST', headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
      if (!answer.ok) RED.log.warn(`[graphomat-backup] the hook answers ${answer.status}`);
    } catch (error) {
      RED.log.warn(`[graphomat-backup] the hook cannot be called: ${error.message}`);
    }
  };
  const started = ({ config }) => {
    // A restart without a change has the same revision.
    if (config && config.rev === last) return;
    last = config && config.rev;
    void tell();
  };

  RED.plugins.registerPlugin('graphomat-backup', {
    type: 'graphomat-backup',
    onadd: () => {
      if (url && token) RED.events.on('flows:started', started);
      else RED.log.warn('[graphomat-backup] no url and token are set; nothing is called');
    },
    onremove: () => RED.events.removeListener('flows:started', started),
  });
};
