import type { Point } from '../dialects/graph';
import type { Scene, SceneNode, State } from './scene';

/** What is drawn together: the nodes of a tab, a subflow, a row, and what stands on none. */
export interface Sheet {
  id?: string;
  label?: string;
  state: State;
  /** How its editor shows it, in words. */
  shown: string[];
  nodes: SceneNode[];
  /** Nothing on it changed: in a difference it is one line. */
  folded: boolean;
}

/** What stands on no sheet is one line, too, when a difference is elsewhere and more nodes than this stand there. */
const MANY_NODES = 60;

/**
 * The sheets of a scene. First what stands on none, then the sheets in the file's order, then the settings; the rows
 * of a dashboard in the order in which it shows them. In a difference sheets with a change come first.
 */
export function sheetsOf(scene: Scene): Sheet[] {
  const main = unnamed();
  const settings: Sheet = { ...unnamed(), label: 'Configuration nodes' };
  const sheets = new Map<string, Sheet>();
  for (const { node, state } of scene.nodes) {
    if (node.role !== 'sheet') continue;
    const shown = [node.display ?? [], node.collapsed ? 'collapsed' : []].flat();
    sheets.set(node.id, { ...unnamed(), id: node.id, label: node.name, state, shown });
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

function unnamed(): Sheet {
  return { state: 'plain', shown: [], nodes: [], folded: false };
}

/** A folded row stands between the panels above and below it. Rows without a place come last, in their order. */
function inRows(top: readonly SceneNode[], scene: Scene, sheets: ReadonlyMap<string, Sheet>): Sheet[] {
  const rows = scene.nodes.filter(({ node }) => node.role === 'sheet');
  const placed = [...top, ...rows.filter(({ node }) => placeOf(node) !== undefined)];
  const sorted = placed
    .map((item) => ({ item, y: placeOf(item.node)?.y ?? Infinity }))
    .sort((a, b) => a.y - b.y)
    .map(({ item }) => item);
  const ordered: Sheet[] = [];
  for (const item of sorted) {
    const sheet = sheets.get(item.node.id);
    const last = ordered.at(-1);
    if (sheet !== undefined) ordered.push(sheet);
    else if (last !== undefined && last.id === undefined) last.nodes.push(item);
    else ordered.push({ ...unnamed(), nodes: [item] });
  }
  const rest = rows.filter(({ node }) => placeOf(node) === undefined);
  return [...ordered, ...rest.flatMap(({ node }) => sheets.get(node.id) ?? [])];
}

function placeOf({ position, drawnAt }: SceneNode['node']): Point | undefined {
  return position ?? drawnAt;
}

function changedFirst(sheets: readonly Sheet[], scene: Scene): Sheet[] {
  const touched = new Set(
    scene.edges.filter(({ state }) => state !== 'same').flatMap(({ source, target }) => [source, target]),
  );
  const isChanged = (sheet: Sheet): boolean =>
    sheet.nodes.some(({ node, state }) => state !== 'same' || touched.has(node.id));
  const changed = new Set(sheets.filter(isChanged));
  const isFolded = (sheet: Sheet): boolean =>
    !changed.has(sheet) &&
    (sheet.label !== undefined || (changed.size > 0 && sheet.nodes.length > MANY_NODES));
  const label = scene.dialect === 'grafana' ? 'Panels' : 'Main graph';
  const folded = sheets.map((sheet) => (isFolded(sheet) ? { label, ...sheet, folded: true } : sheet));
  // A dashboard is read from top to bottom; sheets are read one by one.
  if (scene.dialect === 'grafana') return folded;
  const rank = (sheet: Sheet, index: number): number =>
    sheet.folded ? 2 : changed.has(sheets[index] ?? sheet) ? 0 : 1;
  const ranked = folded.map((sheet, index) => ({ sheet, rank: rank(sheet, index) }));
  return ranked.sort((a, b) => a.rank - b.rank).map(({ sheet }) => sheet);
}
