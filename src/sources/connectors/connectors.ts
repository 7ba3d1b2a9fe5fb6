import { SOURCE_KINDS, type SourceKind } from '../domain/source-kind';
import type { Connector } from './connector';
import { ComfyuiConnector } from './comfyui/comfyui.connector';
import { FlowiseConnector } from './flowise/flowise.connector';
import { FolderConnector } from './folder/folder.connector';
import { HttpConnector } from './generic-http/http.connector';
import { GrafanaConnector } from './grafana/grafana.connector';
import { LangflowConnector } from './langflow/langflow.connector';
import { NodeRedConnector } from './node-red/node-red.connector';
import { N8nConnector } from './n8n/n8n.connector';

/** All connectors. A new one is added here and nowhere else. */
export const CONNECTORS = [
  NodeRedConnector,
  N8nConnector,
  GrafanaConnector,
  LangflowConnector,
  FlowiseConnector,
  ComfyuiConnector,
  HttpConnector,
  FolderConnector,
];

/** The connectors by kind. */
export class Connectors {
  private readonly byKind: ReadonlyMap<SourceKind, Connector>;

  constructor(all: readonly Connector[]) {
    this.byKind = new Map(all.map((connector) => [connector.kind, connector]));
  }

  /** The kinds that can be connected, in the order of `SOURCE_KINDS`. */
  get kinds(): SourceKind[] {
    return SOURCE_KINDS.filter((kind) => this.byKind.has(kind));
  }

  /** Undefined for a kind that this release cannot connect. */
  find(kind: SourceKind): Connector | undefined {
    return this.byKind.get(kind);
  }

  /** Throws for a kind that this release cannot connect. */
  get(kind: SourceKind): Connector {
    const connector = this.byKind.get(kind);
    if (!connector) throw new Error(`There is no connector for ${kind}.`);
    return connector;
  }
}
