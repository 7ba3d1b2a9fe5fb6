import type { DialectName } from '../../dialects/graph';
import type { EditRules } from '../edit-rules';
import { n8nRules } from './n8n';
import { nodeRedRules } from './node-red';
import { nodeLinkRules, reactFlowRules } from './react-flow';

const RULES: Partial<Record<DialectName, EditRules>> = {
  'react-flow': reactFlowRules,
  'node-link': nodeLinkRules,
  n8n: n8nRules,
  'node-red': nodeRedRules,
};

/** The rules for editing files of a dialect; undefined for those that hold no graph we know. */
export function rulesOf(dialect: DialectName): EditRules | undefined {
  return RULES[dialect];
}
