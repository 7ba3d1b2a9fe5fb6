/** A tool cannot be used as it should be. The message is one sentence for its owner, without credentials or content. */
export class ConnectorError extends Error {
  constructor(
    message: string,
    /** Seconds after which the tool wants to be asked again; undefined if it did not say. */
    readonly retryAfter?: number,
  ) {
    super(message);
    this.name = new.target.name;
  }
}

/** The graph does not exist at the tool any more. */
export class RemoteGoneError extends ConnectorError {}

/** One graph cannot be read or stored; the others can. */
export class ItemError extends ConnectorError {}

/** The tool has another state than the one that was read before the push. */
export class PushConflictError extends ConnectorError {}

/** The tool refuses the pushed document; the message contains the tool's own reason. */
export class PushRefusedError extends ConnectorError {}

/** The failure of a server that is another one than the user says. `because` says how it shows. */
export function notTheTool(tool: string, because: string): ConnectorError {
  return new ConnectorError(
    `The server at this address does not look like ${tool}: ${because}. Check the address and the kind of the source.`,
  );
}
