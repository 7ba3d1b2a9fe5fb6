import { request } from '../api/client';

/** Downloads what the API answers into a file. `onProgress` gets the number of bytes so far. */
export async function saveFile(address: string, onProgress: (bytes: number) => void): Promise<void> {
  const response = await request(address);
  const parts: BlobPart[] = [];
  let read = 0;
  for (const reader = response.body!.getReader(); ;) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    onProgress((read += value.length));
  }
  const name = /filename="([^"]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1];
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob(parts));
  link.download = name ?? 'export';
  link.click();
  // The browser has its own reference to the file by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
