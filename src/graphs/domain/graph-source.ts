/** The source that fills a graph. */
export interface GraphSource {
  id: string;
  kind: string;
  /** The tool's own id of the graph. */
  remoteId: string;
  state: string;
  /** Literal secrets in the document that it has stored last; null: not counted. */
  secrets: number | null;
}
