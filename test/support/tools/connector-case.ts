import type { Fields } from '../../../src/sources/domain/fields';
import type { Connector } from '../../../src/sources/connectors/connector';
import type { FakeTool } from './fake-tool';

/** A graph as the connector must read it. */
export interface FakeGraph {
  remoteId: string;
  title: string;
  config: string;
}

/** A fake of a tool that the connector suite works with. */
export interface ConnectorFake {
  /** The server; null for a connector that reads no server. */
  tool: FakeTool | null;
  url: string;
  options: Fields;
  credentials: Fields;
  /** Credentials that the tool refuses; null if it has none. */
  wrongCredentials: Fields | null;
  /** Creates or changes the graph of this name; `content` makes two states differ. Returns what the connector must read. */
  put(name: string, content: number): FakeGraph | Promise<FakeGraph>;
  /** Saves the graph again without a change, as the tool does it: counters and times grow. */
  touch(name: string): void | Promise<void>;
  remove(name: string): void | Promise<void>;
  /** Whether the tool keeps what `put` has replaced, and the connector reads it for the first import. */
  hasHistory?: boolean;
  close(): Promise<void>;
}

/** One run of the connector suite (`test/contracts/connector.spec.ts`). */
export interface ConnectorCase {
  name: string;
  connector: Connector;
  start(): Promise<ConnectorFake>;
  /** After all tests. */
  end?(): Promise<void>;
}
