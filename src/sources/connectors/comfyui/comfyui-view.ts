import { isArray, valueAt, type CutPath } from '../../domain/json-slices';

/** Pan and zoom, and a stamp that the editor sets when a workflow is queued: in the document, and no change. */
export const COMFYUI_VIEW: readonly CutPath[] = [
  ['extra', 'ds'],
  ['extra', 'frontendVersion'],
];

/** Whether a document is a workflow as ComfyUI's editor saves it. */
export function isComfyuiWorkflow(config: Buffer): boolean {
  const nodes = valueAt(config, '/nodes');
  return (
    nodes !== undefined && isArray(config, nodes.start) && valueAt(config, '/last_node_id') !== undefined
  );
}
