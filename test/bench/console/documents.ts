/** A React Flow document of small nodes in a grid with an edge from each to the next; with `edit`, every tenth is changed. */
export function manySteps(count: number, edit: number): Buffer {
  const nodes = Array.from({ length: count }, (_, at) => ({
    id: `n${at}`,
    type: 'step',
    position: { x: (at % 40) * 220, y: Math.floor(at / 40) * 120 },
    data: { label: `Step ${at}`, retries: at % 10 === 0 ? edit : 0 },
  }));
  const edges = nodes.slice(1).map(({ id }, at) => ({ id: `e${at}`, source: `n${at}`, target: id }));
  return Buffer.from(JSON.stringify({ nodes, edges }));
}
