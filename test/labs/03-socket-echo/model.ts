/** What a right echo server has shown one client by now, from what the client and `close()` have done. */

/** Everything that has happened to one client, in order. */
export type Event =
  | { readonly sent: Buffer }
  | { readonly fin: true }
  /** `close()` was called, when all that came before had been read. */
  | { readonly closing: true }

export interface Shown {
  /** Lines that must have been answered. */
  readonly lines: readonly Buffer[]
  /** Whether an error line comes behind them. */
  readonly refused: boolean
  readonly end: 'open' | 'FIN'
  /** The requirement that is the last to say so. */
  readonly requirement: string
}

/** @param maxLineBytes - The longest line, its line end not counted. */
export function shownBy(events: readonly Event[], maxLineBytes: number): Shown {
  const lines: Buffer[] = []
  let unfinished = Buffer.alloc(0)
  let requirement = 'R1'
  for (const event of events) {
    if ('fin' in event) return { lines, refused: false, end: 'FIN', requirement: 'R7' }
    if ('closing' in event) return { lines, refused: false, end: 'FIN', requirement: 'R10' }
    unfinished = Buffer.concat([unfinished, event.sent])
    requirement = events.length > 1 ? 'R3' : requirement
    for (let at = unfinished.indexOf(10); at >= 0; at = unfinished.indexOf(10)) {
      const line = withoutCr(unfinished.subarray(0, at))
      if (line.length > maxLineBytes) return { lines, refused: true, end: 'FIN', requirement: 'R6' }
      lines.push(line)
      unfinished = unfinished.subarray(at + 1)
    }
    // The CR may be half of a line end: it does not count until more has come.
    if (withoutCr(unfinished).length > maxLineBytes)
      return { lines, refused: true, end: 'FIN', requirement: 'R6' }
  }
  return { lines, refused: false, end: 'open', requirement }
}

/** When `close()` resolves: every client is gone, by a FIN that your server has answered, or by a reset. */
export function isClosed(clients: ReadonlyArray<{ readonly gone: boolean }>): boolean {
  return clients.every(({ gone }) => gone)
}

// --- internal ---

function withoutCr(line: Buffer): Buffer {
  return line.at(-1) === 13 ? line.subarray(0, -1) : line
}
