/** What can go wrong between a client and its server. */

/** Every failure has a stable `code`; the message is for people who read logs. */
export class EarshotError extends Error {
  constructor(code, message, options) {
    super(message ?? code, options);
    this.name = 'EarshotError';
    this.code = code;
  }
}
/** The server refused: its code of PROTOCOL.md 1.2, such as "token-expired" or "limit-reached". */
export class RefusedError extends EarshotError {
  name = 'RefusedError';
}
/** No way: "signalling-unreachable", "join-timeout" or "media-unreachable". */
export class UnreachableError extends EarshotError {
  name = 'UnreachableError';
}

export function notGranted(kind) {
  return new RefusedError('not-granted', `The token does not allow to publish ${kind}.`);
}
