import { ComfyuiConnector } from '../../../src/sources/connectors/comfyui/comfyui.connector';
import type { ConnectorCase } from './connector-case';
import { FakeTool } from './fake-tool';

/** The `comfyui` connector against a fake of its user folder. */
export const COMFYUI_CASE: ConnectorCase = {
  name: 'comfyui',
  connector: new ComfyuiConnector(),
  start: async () => {
    const files = new Map<string, { content: number; saves: number }>();
    const textOf = ({ content, saves }: { content: number; saves: number }) =>
      `{"nodes": [{"id": 1, "widgets_values": [${content}.0]}], "links": [], "extra": {"ds": {"scale": ${saves}}}, "version": 0.4}`;
    const tool = await FakeTool.start(({ url }) => {
      const { pathname, searchParams } = new URL(url, 'http://comfyui');
      if (pathname === '/system_stats')
        return { json: { system: { comfyui_version: '0.3.76' }, devices: [] } };
      const path = /^\/userdata\/workflows%2F(.+)$/.exec(pathname)?.[1];
      const file = path === undefined ? undefined : files.get(decodeURIComponent(path));
      if (path !== undefined) return file && { body: textOf(file) };
      if (pathname !== '/userdata' || searchParams.get('dir') !== 'workflows') return undefined;
      const listed = [...files].map(([name, value]) => ({
        ...{ path: name, size: textOf(value).length, modified: 1_700_000_000_000 + value.saves },
      }));
      return { json: [...listed, { path: '.index.txt', size: 1, modified: 1 }] };
    });
    const save = (name: string, content: number) => {
      const file = { content, saves: (files.get(name)?.saves ?? 0) + 1 };
      files.set(name, file);
      return file;
    };
    return {
      tool,
      url: tool.url,
      options: {},
      credentials: {},
      wrongCredentials: null,
      put: (name, content) => {
        const path = `sub folder/${name}.json`;
        return { remoteId: path, title: `sub folder/${name}`, config: textOf(save(path, content)) };
      },
      touch: (name) => void save(`sub folder/${name}.json`, files.get(`sub folder/${name}.json`)!.content),
      remove: (name) => void files.delete(`sub folder/${name}.json`),
      close: () => tool.close(),
    };
  },
};
