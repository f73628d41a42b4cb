// What can go wrong, by the name that the server uses for it (docs/formats.md, "Errors of the two posts").

export class ProtocolError extends Error {
  /** @param {string} code e.g. "code_mistyped"; the page has a text for each. */
  constructor(code, message) {
    super(message || code);
    this.name = 'ProtocolError';
    this.code = code;
  }
}
