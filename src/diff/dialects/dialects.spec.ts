import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { isObject, type Json } from '../json';
import type { Graph } from './graph';
import { detectDialect, readGraph, readGraphs } from './read-graph';

const SAMPLES = join(__dirname, '../../../test/samples/graphs');

function sample(name: string): Json {
  return JSON.parse(readFileSync(join(SAMPLES, `${name}.json`), 'utf8')) as Json;
}

function edgesOf({ edges }: Graph): string[] {
  return edges.map((edge) => `${edge.source}[${edge.source_port}] ${edge.target}[${edge.target_port}]`);
}

function named(graph: Graph, name: string) {
  return graph.nodes.find((node) => node.name === name);
}

describe('the dialects', () => {
  it.each([
    ['comfyui-api', 'comfyui', 7, 9],
    ['comfyui-text-to-image', 'comfyui', 8, 9],
    ['dify-chatflow', 'react-flow', 3, 2],
    ['flowise-chatflow', 'react-flow', 2, 1],
    ['grafana-old-rows', 'grafana', 6, 0],
    ['grafana-service', 'grafana', 8, 0],
    ['langflow-chat', 'react-flow', 4, 3],
    ['n8n-support-agent', 'n8n', 8, 6],
    ['node-red-two-tabs', 'node-red', 17, 11],
    ['react-flow', 'react-flow', 4, 3],
  ])('read %s as %s', (name, dialect, nodes, edges) => {
    const graph = readGraph(sample(name));
    expect([graph.dialect, graph.nodes.length, graph.edges.length]).toEqual([dialect, nodes, edges]);
  });

  it('have a case above for every sample', () => expect(readdirSync(SAMPLES)).toHaveLength(10));

  it.each<[string, Json]>([
    ['an empty object', {}],
    ['an empty array', []],
    ['numbers', [1, 2]],
    ['nodes alone', { nodes: [] }],
    ['prompts that are texts', { a: { class_type: 1 } }],
    ['panels that are texts', { panels: ['x'] }],
  ])('leave %s to json', (_, config) => expect(detectDialect(config)).toBe('json'));

  it('read an empty side as an empty graph of the other side’s dialect', () => {
    const n8n = sample('n8n-support-agent');
    expect([readGraphs({}, n8n).dialect, readGraphs(n8n, []).dialect]).toEqual(['n8n', 'n8n']);
    expect(readGraphs({}, n8n).from).toMatchObject({ nodes: [], edges: [], rest: null });
    expect(readGraphs(sample('react-flow'), n8n).dialect).toBe('json');
  });
});

describe('react-flow', () => {
  it('takes Langflow’s ports from its odd handles, whatever their spacing', () => {
    expect(edgesOf(readGraph(sample('langflow-chat')))[0]).toBe(
      'ChatInput-aB3dE[message] Prompt-Qw7Er[question]',
    );
    const spaced = JSON.stringify(sample('langflow-chat'))
      .replaceAll('œ:œ', 'œ: œ')
      .replaceAll('œ,œ', 'œ, œ');
    const withoutSites = (value: Json) => readGraph(value).edges.map((edge) => ({ ...edge, site: null }));
    expect(withoutSites(JSON.parse(spaced) as Json)).toEqual(withoutSites(sample('langflow-chat')));
  });

  it('takes Flowise’s ports without the node’s id', () => {
    expect(readGraph(sample('flowise-chatflow')).edges[0]).toMatchObject({
      source_port: 'output-chatOpenAI-ChatOpenAI|BaseChatModel',
      target_port: 'input-model-BaseChatModel',
    });
  });

  it('finds names and types where each product puts them', () => {
    const of = (name: string) => readGraph(sample(name)).nodes.map((node) => `${node.name}: ${node.type}`);
    expect(of('dify-chatflow')).toEqual(['Start: start', 'Answer it: llm', 'Reply: answer']);
    expect(of('flowise-chatflow')[0]).toBe('ChatOpenAI: ChatOpenAI');
    expect(of('langflow-chat')[0]).toBe('Chat Input: ChatInput');
    expect(of('react-flow')[0]).toBe('Orders: input');
  });

  it('does not count view state or place as content', () => {
    const nodes = readGraph(sample('dify-chatflow')).nodes;
    expect(Object.keys(nodes[1]?.body ?? {})).toEqual(['type', 'data']);
    expect(nodes[1]?.body['data']).not.toHaveProperty('selected');
  });
});

describe('n8n', () => {
  it('tells connections by ids and ports', () => {
    const graph = readGraph(sample('n8n-support-agent'));
    const agent = named(graph, 'AI Agent')?.id;
    expect(edgesOf(graph)).toContain(`${named(graph, 'Is it urgent?')?.id}[main:0] ${agent}[main:0]`);
    expect(edgesOf(graph)).toContain(
      `${named(graph, 'Simple Memory')?.id}[ai_memory:0] ${agent}[ai_memory:0]`,
    );
  });

  it('takes a name for an id where there is none, and keeps connections that lead nowhere', () => {
    const graph = readGraph({
      nodes: [{ name: 'A', type: 't' }],
      connections: { A: { main: [null, [{ node: 'gone' }]] } },
    });
    expect([graph.nodes[0]?.id, ...edgesOf(graph)]).toEqual(['A', 'A[main:1] gone[main:0]']);
  });
});

describe('node-red', () => {
  const graph = readGraph(sample('node-red-two-tabs'));

  it('knows tabs, subflows, groups and config nodes', () => {
    const roles = graph.nodes.filter((node) => node.role).map((node) => `${node.role} ${node.name}`);
    expect(roles).toEqual([
      'sheet Greenhouse',
      'sheet Alarm',
      'sheet Smooth',
      'port input 1',
      'port output 1',
      'setting House',
      'frame Sensors',
    ]);
  });

  it('shows a subflow’s ports as nodes and names its uses after it', () => {
    expect(edgesOf(graph)).toContain('a1b2c3d4e5f60003:input 1[0] a1b2c3d4e5f60030[0]');
    expect(edgesOf(graph)).toContain('a1b2c3d4e5f60030[0] a1b2c3d4e5f60003:output 1[0]');
    expect(graph.nodes.find((node) => node.id === 'a1b2c3d4e5f60012')).toMatchObject({
      name: 'Smooth',
      type: 'subflow Smooth',
    });
  });

  it('keeps both of two equal wires', () => {
    const wire = 'a1b2c3d4e5f60021[0] a1b2c3d4e5f60022[0]';
    expect(edgesOf(graph).filter((edge) => edge === wire)).toHaveLength(2);
  });
});

describe('comfyui', () => {
  it('names slots, and does not count links or run order as content', () => {
    const graph = readGraph(sample('comfyui-text-to-image'));
    expect(edgesOf(graph)).toContain('2[CONDITIONING] 5[positive]');
    expect(graph.nodes[4]?.body).not.toHaveProperty('order');
    expect(JSON.stringify(graph.nodes[4]?.body)).not.toContain('link');
  });

  it('reads connections out of the inputs of the API form', () => {
    const graph = readGraph(sample('comfyui-api'));
    expect(edgesOf(graph)).toContain('6[0] 3[positive]');
    expect(named(graph, 'Sampler')?.body['inputs']).toEqual({ seed: 156680208700286, steps: 20 });
  });

  it('puts the nodes of a subgraph on a sheet of their own', () => {
    const inner = {
      id: 'sub',
      name: 'Upscale',
      nodes: [{ id: 1, type: 'A' }],
      links: [{ origin_id: 1, target_id: 1 }],
    };
    const graph = readGraph({
      nodes: [{ id: 1, type: 'sub' }],
      links: [],
      definitions: { subgraphs: [inner] },
    });
    expect(graph.nodes.map(({ id, type, sheet }) => [id, type, sheet])).toEqual([
      ['1', 'Upscale', undefined],
      ['sub', 'subgraph', undefined],
      ['sub/1', 'A', 'sub'],
    ]);
    expect(graph.edges).toEqual([
      {
        source: 'sub/1',
        source_port: null,
        target: 'sub/1',
        target_port: null,
        body: {},
        site: { holder: expect.any(Array) as Json[], key: 0 },
      },
    ]);
  });
});

describe('grafana', () => {
  it('takes the grid for the place, and a folded row for a sheet', () => {
    const graph = readGraph(sample('grafana-service'));
    expect(named(graph, 'Errors')).toMatchObject({
      position: { x: 12, y: 1 },
      size: { width: 8, height: 8 },
    });
    expect(named(graph, 'Database')?.role).toBe('sheet');
    expect(named(graph, 'Slow queries')?.sheet).toBe(named(graph, 'Database')?.id);
  });

  it('lets the panels of old rows flow', () => {
    const graph = readGraph(sample('grafana-old-rows'));
    expect(named(graph, 'Cores')?.position).toEqual({ x: 18, y: 0 });
  });
});

describe('odd input', () => {
  const part = fc.oneof(
    fc.constantFrom<Json[]>(
      null,
      1,
      'x',
      '',
      true,
      [],
      {},
      [[]],
      [null],
      { id: 'x' },
      ['x', 0],
      '\udc00#1e400',
    ),
    fc.jsonValue({ maxDepth: 2 }).map((value) => value as Json),
  );

  /** Replaces some values of a real file by whatever comes. */
  function spoil(value: Json, at: { next: () => Json | undefined }): Json {
    const replaced = at.next();
    if (replaced !== undefined) return replaced;
    if (Array.isArray(value)) return value.map((item) => spoil(item, at));
    if (!isObject(value)) return value;
    return Object.fromEntries<Json>(Object.entries(value).map(([key, item]) => [key, spoil(item, at)]));
  }

  it.each(readdirSync(SAMPLES))('never makes reading %s throw, and ids stay unique', (file) => {
    const config = sample(file.replace('.json', ''));
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(60), part), { maxLength: 12 }), (faults) => {
        const due = faults.map(([gap, value]) => ({ gap, value }));
        const next = (): Json | undefined => {
          const fault = due[0];
          return fault === undefined || fault.gap-- > 0 ? undefined : due.shift()?.value;
        };
        const { nodes } = readGraph(spoil(config, { next }));
        expect(new Set(nodes.map((node) => node.id)).size).toBe(nodes.length);
      }),
      { numRuns: 300 },
    );
  });

  it('gives nodes with the same id or none ids of their own', () => {
    const nodes: Json[] = [{ id: 'a' }, { id: 'a' }, { id: 'a#2' }, {}, {}, 7, null];
    const graph = readGraph({ nodes, edges: [] });
    expect(graph.nodes.map(({ id }) => id)).toEqual(['a', 'a#2', 'a#2#2', '#1', '#2']);
  });
});
