import type { Scene, SceneNode, State } from './scene';

/** What is drawn together: the nodes of a tab, a subflow, a row, and what stands on none. */
export interface Sheet {
  id?: string;
  label?: string;
  state: State;
  nodes: SceneNode[];
  /** Nothing on it changed: in a difference it is one line. */
  folded: boolean;
}

/**
 * The sheets of a scene. First what stands on none, then the sheets in the file's order, then the settings; the rows
 * of a dashboard in the order in which it shows them. In a difference sheets with a change come first.
 */
export function sheetsOf(scene: Scene): Sheet[] {
  const main: Sheet = { state: 'plain', nodes: [], folded: false };
  const settings: Sheet = { label: 'Configuration nodes', state: 'plain', nodes: [], folded: false };
  const sheets = new Map<string, Sheet>();
  for (const { node, state } of scene.nodes) {
    if (node.role === 'sheet')
      sheets.set(node.id, { id: node.id, label: node.name, state, nodes: [], folded: false });
  }
  const top: SceneNode[] = [];
  for (const item of scene.nodes) {
    if (item.node.role === 'sheet') continue;
    if (item.node.role === 'setting') settings.nodes.push(item);
    else {
      const sheet = sheets.get(item.node.sheet ?? '');
      if (sheet === undefined) top.push(item);
      else sheet.nodes.push(item);
    }
  }
  main.nodes = top;
  const ordered = scene.dialect === 'grafana' ? inRows(top, scene, sheets) : [main, ...sheets.values()];
  const all = [...ordered, settings].filter((sheet) => sheet.nodes.length > 0 || sheet.id !== undefined);
  return scene.isDiff ? changedFirst(all, scene) : all;
}

/** A folded row stands between the panels above and below it. Rows without a place come last, in their order. */
function inRows(top: readonly SceneNode[], scene: Scene, sheets: ReadonlyMap<string, Sheet>): Sheet[] {
  const rows = scene.nodes.filter(({ node }) => node.role === 'sheet');
  const placed = [...top, ...rows.filter(({ node }) => node.position !== undefined)];
  const sorted = placed
    .map((item) => ({ item, y: item.node.position?.y ?? Infinity }))
    .sort((a, b) => a.y - b.y)
    .map(({ item }) => item);
  const ordered: Sheet[] = [];
  for (const item of sorted) {
    const sheet = sheets.get(item.node.id);
    const last = ordered.at(-1);
    if (sheet !== undefined) ordered.push(sheet);
    else if (last !== undefined && last.id === undefined) last.nodes.push(item);
    else ordered.push({ state: 'plain', nodes: [item], folded: false });
  }
  const rest = rows.filter(({ node }) => node.position === undefined);
  return [...ordered, ...rest.flatMap(({ node }) => sheets.get(node.id) ?? [])];
}

function changedFirst(sheets: readonly Sheet[], scene: Scene): Sheet[] {
  const touched = new Set(
    scene.edges.filter(({ state }) => state !== 'same').flatMap(({ source, target }) => [source, target]),
  );
  const isChanged = (sheet: Sheet): boolean =>
    sheet.nodes.some(({ node, state }) => state !== 'same' || touched.has(node.id));
  const folded = sheets.map((sheet) => ({
    ...sheet,
    folded: sheet.label !== undefined && !isChanged(sheet),
  }));
  // A dashboard is read from top to bottom; sheets are read one by one.
  if (scene.dialect === 'grafana') return folded;
  return [...folded.filter((sheet) => !sheet.folded), ...folded.filter((sheet) => sheet.folded)];
}
