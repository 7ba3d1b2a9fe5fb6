/** Every name that all objects know, and a few that other built-ins know. */
export const HOSTILE_NAMES = [
  ...Object.getOwnPropertyNames(Object.prototype),
  'prototype',
  'length',
  'name',
  'caller',
  'arguments',
  'then',
];

/** A small graph of each dialect, as JSON text, in which ids, names, types, ports and parents are called `name`. */
export function hostileGraphs(name: string): Map<string, string> {
  const text = JSON.stringify(name);
  const graphs = {
    'react-flow':
      `{"nodes":[{"id":${text},"type":${text},"position":{"x":0,"y":0},"parentId":${text},"data":{"label":${text},${text}:{"polluted":1}}},` +
      `{"id":"other","data":{},${text}:{"polluted":1}}],` +
      `"edges":[{"id":${text},"source":${text},"target":"other","sourceHandle":${text},"targetHandle":${text}},` +
      `{"source":"other","target":${text}},{"source":${text},"target":${text}}],${text}:{"polluted":1}}`,
    'react-flow without places':
      `{"nodes":[{"id":${text},"data":{}},{"id":"other","data":{}}],` +
      `"edges":[{"source":${text},"target":"other"},{"source":"other","target":${text}}]}`,
    n8n:
      `{"nodes":[{"id":${text},"name":${text},"type":${text},"parameters":{${text}:{"polluted":1}}},` +
      `{"name":"other","type":"n8n-nodes-base.set","parameters":{}}],` +
      `"connections":{${text}:{${text}:[[{"node":"other","type":${text},"index":0}]]},"other":{"main":[[{"node":${text}}]]}},` +
      `"pinData":{${text}:[{"json":{${text}:1}}]},"settings":{${text}:1}}`,
    'node-red':
      `[{"id":${text},"type":"tab","label":${text}},{"id":"s","type":"subflow","name":${text},"in":[{"wires":[{"id":${text}}]}],"out":[]},` +
      `{"id":"a","z":${text},"g":${text},"type":${text},"name":${text},"wires":[[${text},"b"]],"links":[${text}]},` +
      `{"id":"b","z":${text},"type":"subflow:${name}","wires":[["a"]],${text}:{"polluted":1}},` +
      `{"id":"l","z":${text},"type":"link out","links":[${text}],"wires":[]}]`,
    grafana:
      `{"panels":[{"id":1,"type":${text},"title":${text},"gridPos":{"x":0,"y":0,"w":4,"h":4},${text}:{"polluted":1}},` +
      `{"type":"row","title":${text},"collapsed":true,"gridPos":{"x":0,"y":4,"w":24,"h":1},"panels":[{"type":"graph","title":${text}}]}],` +
      `"templating":{"list":[{"name":${text}}]},${text}:{"polluted":1}}`,
    'grafana v2':
      `{"elements":{${text}:{"kind":"Panel","spec":{"id":1,"title":${text}}}},` +
      `"layout":{"kind":"GridLayout","spec":{"items":[{"kind":"GridLayoutItem","spec":{"x":0,"y":0,"width":4,"height":4,"element":{"kind":"ElementReference","name":${text}}}}]}}}`,
    comfyui:
      `{"nodes":[{"id":${text},"type":${text},"outputs":[{"name":${text}}]},{"id":2,"type":"B","inputs":[{"name":${text}}]}],` +
      `"links":[[1,${text},0,2,0,"X"],[2,2,0,${text},0,"X"]],"groups":[{"title":${text},"bounding":[0,0,9,9]}],` +
      `"definitions":{"subgraphs":[{"id":${text},"name":${text},"nodes":[],"links":[]}]},"version":0.4}`,
    'comfyui prompt': `{${text}:{"class_type":${text},"inputs":{${text}:["2",0]}},"2":{"class_type":"B","inputs":{"x":[${text},0],${text}:1}}}`,
    'node-link':
      `{"nodes":[{"id":${text},"group":${text}},{"id":"b"}],` +
      `"links":[{"source":${text},"target":"b","key":${text}},{"source":"b","target":${text}}]}`,
    json: `{${text}:{${text}:[${text}]}}`,
  };
  return new Map(Object.entries(graphs));
}
