/** Why a connection can't go on, as HTTP/2 numbers it (RFC 9113, section 7). */
export const faults = {
  protocol: 1,
  flowControl: 3,
  frameSize: 6,
  compression: 9,
  enhanceYourCalm: 11,
} as const;

/** The other side broke the rules of HTTP/2: the connection ends. */
export class ConnectionFault extends Error {
  override readonly name = "ConnectionFault";
  readonly code: number;

  constructor(fault: keyof typeof faults) {
    super(`HTTP/2: ${fault}`);
    this.code = faults[fault];
  }
}
