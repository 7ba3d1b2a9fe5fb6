import { request } from '../api/client';

/** The config of a version, byte for byte: it is the last member of the answer. */
export async function configText(id: string, version: number): Promise<string> {
  const text = await (await request(`/graphs/${id}/versions/${version}`)).text();
  const mark = ',"config":';
  return text.slice(text.indexOf(mark) + mark.length, -1);
}

/** Saves a text as a file. */
export function save(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name.replace(/[\\/:*?"<>|]/g, '_');
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
