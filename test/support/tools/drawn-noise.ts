import fc from 'fast-check';

/** A document as texts of JSON, so that its exact bytes are known. */
export type Tree = string | Text | Tree[] | { [name: string]: Tree };
/** A document in a text, as Flowise has it. */
export class Text {
  constructor(readonly tree: Tree) {}
}

/** A member that a tool adds by itself: what it holds, if it is there, and where. */
export interface Draw {
  value: unknown;
  spot: number;
}

/** A document as texts, without the members at `without`. `inTexts`: names of members whose text is a document. */
export function treeOf(value: unknown, without: readonly string[], inTexts: readonly string[] = []): Tree {
  const inner = (step: string) =>
    without.filter((path) => path.startsWith(`${step}|`)).map((path) => path.slice(step.length + 1));
  if (Array.isArray(value)) return value.map((one) => treeOf(one, inner('*'), inTexts));
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const kept = Object.entries(value).filter(([name]) => !without.includes(name));
  return Object.fromEntries(
    kept.map(([name, one]: [string, unknown]): [string, Tree] => [
      name,
      inTexts.includes(name)
        ? new Text(treeOf(JSON.parse(one as string), inner(name)))
        : treeOf(one, inner(name), inTexts),
    ]),
  );
}

/** Members that a tool adds: their paths, and what is drawn for one after the other. */
export interface Added {
  paths: string[][];
  draw: () => Draw;
}

/** The text of a document with the members that a tool adds among those that it has; later ones are put between earlier ones. */
export function render(tree: Tree, added: readonly Added[] = []): string {
  if (typeof tree === 'string') return tree;
  if (tree instanceof Text) return JSON.stringify(render(tree.tree, added));
  const inner = (step: string) =>
    added.map(({ paths, draw }) => ({
      paths: paths
        .filter(([first, ...rest]) => first === step && rest.length > 0)
        .map((path) => path.slice(1)),
      draw,
    }));
  if (Array.isArray(tree)) return `[${tree.map((one) => render(one, inner('*'))).join(',')}]`;
  const members = Object.entries(tree).map(
    ([name, value]) => `${JSON.stringify(name)}:${render(value, inner(name))}`,
  );
  for (const { paths, draw } of added)
    for (const [name] of paths.filter(({ length }) => length === 1)) {
      const { value, spot } = draw();
      const member = `${JSON.stringify(name)}:${JSON.stringify(value)}`;
      if (value !== undefined) members.splice(spot % (members.length + 1), 0, member);
    }
  return `{${members.join(',')}}`;
}

export function addedAt(paths: readonly string[], draws: readonly Draw[]): Added {
  let at = 0;
  return { paths: paths.map((path) => path.split('|')), draw: () => draws[at++ % draws.length]! };
}

/** What a tool adds by itself: of each member whether it is there, its value, and its place. */
export const draws = fc.array(
  fc.record({ value: fc.option(fc.jsonValue({ maxDepth: 2 }), { nil: undefined }), spot: fc.nat(20) }),
  { minLength: 30, maxLength: 30 },
);
