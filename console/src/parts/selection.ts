/** What is selected in a picture: a node by its id, or an edge as `source > target`. */
export interface Selection {
  kind: 'node' | 'edge';
  id: string;
}
