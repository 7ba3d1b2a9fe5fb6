import type { Comparison } from '../../compare-graphs';
import { isPrompt } from '../../dialects/comfyui-prompt';
import type { Document } from '../../dialects/read-graph';
import { isV2 } from '../../dialects/grafana-v2';
import { objectOf, type JsonObject } from '../../json';
import type { EditRules } from '../edit-rules';
import { comfyUiRules } from './comfyui';
import { promptRules } from './comfyui-prompt';
import { grafanaRules } from './grafana';
import { grafanaV2Rules } from './grafana-v2';
import { n8nRules } from './n8n';
import { nodeRedRules } from './node-red';
import { nodeLinkRules, reactFlowRules } from './react-flow';

/** The rules for editing two files of a kind; undefined if they hold no graph, or the same in two forms. */
export function rulesFor(
  comparison: Pick<Comparison, 'dialect' | 'from' | 'to'> | null,
): EditRules | undefined {
  switch (comparison?.dialect) {
    case 'react-flow':
      return reactFlowRules;
    case 'node-link':
      return nodeLinkRules;
    case 'n8n':
      return n8nRules;
    case 'node-red':
      return nodeRedRules;
    case 'comfyui':
      return byForm(comparison, isPrompt, promptRules, comfyUiRules);
    case 'grafana':
      return byForm(comparison, isV2, grafanaV2Rules, grafanaRules);
    case 'json':
    case undefined:
      return undefined;
  }
}

function byForm(
  { from, to }: Pick<Comparison, 'from' | 'to'>,
  isSpecial: (value: JsonObject) => boolean,
  special: EditRules,
  usual: EditRules,
): EditRules | undefined {
  const forms = ({ graphs }: Document): boolean[] => graphs.map(({ value }) => isSpecial(objectOf(value)));
  const all = new Set([...forms(from), ...forms(to)]);
  if (all.size !== 1) return undefined;
  return all.has(true) ? special : usual;
}
