/** Why something in an upload can't be imported; `message` is a sentence for its sender. */
export class ImportFault extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ImportFault';
  }
}
