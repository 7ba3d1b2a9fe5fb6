import { COMFYUI_CASE } from './comfyui-case';
import { FLOWISE_CASE } from './flowise-case';
import { GRAFANA_LEGACY_CASE, GRAFANA_RESOURCE_CASE } from './grafana-cases';
import { FOLDER_CASE } from './folder-case';
import { GRAPHOMAT_CASE } from './graphomat-case';
import { HTTP_CASE } from './http-case';
import { LANGFLOW_CASE } from './langflow-case';
import { NODE_RED_CASES } from './node-red-case';
import { N8N_CASE } from './n8n-case';
import type { ConnectorCase } from './connector-case';

/** One case for each connector, against a fake that answers as the tool does. */
export const CONNECTOR_FAKES: readonly ConnectorCase[] = [
  HTTP_CASE,
  GRAPHOMAT_CASE,
  FOLDER_CASE,
  ...NODE_RED_CASES,
  N8N_CASE,
  GRAFANA_LEGACY_CASE,
  GRAFANA_RESOURCE_CASE,
  LANGFLOW_CASE,
  FLOWISE_CASE,
  COMFYUI_CASE,
];
