/**
 * An error that an operator can fix. It stops the service or a tool. The message says what happened and what to do
 * next, and is printed without a stack.
 */
export class OperatorError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}
