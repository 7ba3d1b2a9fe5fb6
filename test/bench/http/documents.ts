import { createHash } from 'node:crypto';

/*
 * Workflow documents as editors write them: nodes with ids, names, positions and parameters, prompts in plain
 * words, edges between them. A series is one document and its edits, each a few fields away from the one before.
 */

const WORDS = (
  'order customer invoice payment shipment stock alert report webhook message ticket answer summary question ' +
  'context model prompt retry the a of for with when after before every each new late open closed send read ' +
  'write check split merge filter collect notify escalate approve reject archive daily weekly total amount'
).split(' ');
const TYPES = ['http.request', 'condition', 'transform', 'model.prompt', 'email.send', 'schedule', 'store'];
const PROMPT_WORDS = 24;

interface DocumentNode {
  id: string;
  type: string;
  name: string;
  position: [number, number];
  parameters: { url: string; method: string; retries: number; prompt: string };
}

/** Numbers that look random and are the same in each run. */
class Draws {
  private state: number;

  constructor(seed: number) {
    this.state = (seed * 2654435761 + 1) >>> 0;
  }

  // xorshift32 (Marsaglia, "Xorshift RNGs", 2003).
  below(limit: number): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    return (this.state >>> 0) % limit;
  }

  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  words(count: number): string {
    return Array.from({ length: count }, () => this.of(WORDS)).join(' ');
  }
}

/** `count` documents of about `bytes` bytes, each an edit of the one before; another `seed` is another graph. */
export function series(bytes: number, count: number, seed: number): Buffer[] {
  const draws = new Draws(seed);
  const nodes: DocumentNode[] = [];
  for (let size = 0; size < bytes; size += JSON.stringify(nodes.at(-1)).length + 40)
    nodes.push(aNode(draws, seed, nodes.length));
  return Array.from({ length: count }, (_, edit) => {
    if (edit > 0) change(draws, nodes);
    return print(nodes);
  });
}

function aNode(draws: Draws, seed: number, at: number): DocumentNode {
  const id = createHash('sha256').update(`${seed} ${at}`).digest('hex').slice(0, 32);
  return {
    id,
    type: draws.of(TYPES),
    name: draws.words(3),
    position: [draws.below(400) * 10, draws.below(300) * 10],
    parameters: {
      url: `https://api.example.org/v2/${draws.of(WORDS)}/${draws.below(100_000)}`,
      method: draws.of(['GET', 'POST', 'PUT']),
      retries: draws.below(5),
      prompt: draws.words(PROMPT_WORDS),
    },
  };
}

/** What one look at an editor changes: a node is moved, another renamed, a prompt gets another end. */
function change(draws: Draws, nodes: readonly DocumentNode[]): void {
  draws.of(nodes).position = [draws.below(400) * 10, draws.below(300) * 10];
  draws.of(nodes).name = draws.words(3);
  const { parameters } = draws.of(nodes);
  parameters.prompt = `${parameters.prompt.split(' ').slice(0, -4).join(' ')} ${draws.words(4)}`;
  draws.of(nodes).parameters.retries = draws.below(9);
}

function print(nodes: readonly DocumentNode[]): Buffer {
  const edges = nodes.slice(1).map(({ id }, at) => ({ source: nodes[at]?.id, target: id }));
  return Buffer.from(JSON.stringify({ nodes, edges }));
}
