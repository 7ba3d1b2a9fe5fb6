import type { ServerResponse } from 'node:http';
import { FakeTool } from './fake-tool';

/** A tool that holds every answer until it is released, and counts how many it holds at the same moment. */
export class HeldTool {
  /** The first step of the path of each request that was made, in the order in which they came. */
  readonly arrived: string[] = [];
  /** The most requests that were held at the same moment. */
  peak = 0;
  /** The most of one owner, whose name is the path up to the first dash. */
  peakOfOwner = 0;
  private readonly held = new Map<ServerResponse, string>();

  private constructor(readonly tool: FakeTool) {
    tool.raw = ({ url }, response) => {
      const name = url.split('/')[1]!;
      this.arrived.push(name);
      this.held.set(response, name);
      this.peak = Math.max(this.peak, this.held.size);
      this.peakOfOwner = Math.max(this.peakOfOwner, this.heldOf(ownerOf(name)));
      response.writeHead(200, { 'content-type': 'application/json' });
      response.on('close', () => this.held.delete(response));
    };
  }

  static async start(): Promise<HeldTool> {
    return new HeldTool(await FakeTool.start());
  }

  get count(): number {
    return this.held.size;
  }

  heldOf(owner: string): number {
    return [...this.held.values()].filter((name) => ownerOf(name) === owner).length;
  }

  /** Sends a byte of each answer, so that no client takes the tool for a silent one. */
  keepAlive(): void {
    for (const response of this.held.keys()) response.write(' ');
  }

  /** Answers the request that is held for longest. */
  release(body: string): void {
    const [oldest] = this.held.keys();
    if (!oldest) return;
    this.held.delete(oldest);
    oldest.end(body);
  }

  close(): Promise<void> {
    return this.tool.close();
  }
}

function ownerOf(name: string): string {
  return name.split('-')[0]!;
}
