/** The grader's UDP, as a suite sees it. */

export interface DatagramOptions {
  /** Name of the lane in the ladder; `peer` if not given. */
  readonly name?: string
  /** An address of 127.0.0.0/8; 127.0.0.1 if not given. */
  readonly host?: string
  /** One that is the grader's own: that of a listener, or of another UDP socket's other address. */
  readonly port?: number
  /** What the ladder shows of a datagram, in the place of its bytes. */
  readonly describe?: (bytes: Buffer) => string
}

export interface DatagramPathOptions extends DatagramOptions {
  /** Of so many datagrams in each direction, how many meet which fate; all others are carried. */
  readonly badness: {
    readonly of: number
    readonly lost: number
    readonly doubled: number
    readonly swapped: number
    readonly damaged: number
  }
  /** Gives a datagram the ports with which it goes on, where it says itself between which it goes. */
  readonly readdress?: (bytes: Buffer, source: number, destination: number) => Uint8Array
  /** The same for whatever has to arrive instead of one that was lost: it fails twice in a row at most. */
  readonly kin?: (bytes: Buffer) => string
}

export interface DatagramPath {
  /** Where its near side is: whoever sends there first is carried to the far side, and back. */
  readonly port: number
  /** How many datagrams have met which fate. */
  readonly counts: Readonly<Record<'carried' | 'lost' | 'doubled' | 'swapped' | 'damaged', number>>
}

export interface DatagramPeer {
  readonly port: number
  /** What has come and was not taken. */
  readonly unread: ReadonlyArray<{ readonly bytes: Buffer; readonly port: number }>
  /** Takes all datagrams that have come so far. */
  takeAll(): ReadonlyArray<{ readonly bytes: Buffer; readonly port: number }>
  /** The next datagram from the learner. */
  receive(): Promise<{ readonly bytes: Buffer; readonly port: number }>
  send(bytes: Uint8Array | string, port: number): Promise<void>
  /** Proves idleness, then fails the check if a datagram is there that no one has taken. */
  silent(): Promise<void>
}
