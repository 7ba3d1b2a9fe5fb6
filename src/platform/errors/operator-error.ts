/**
 * Something that an operator can change stops the service or a tool. The message says what happened and what to do
 * next, and is shown without a stack.
 */
export class OperatorError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}
