import type { TcpEnd } from '../wire/tcp-end.ts'
import { Conviction } from './conviction.ts'

/** More than a check could ever ask for: a program that goes on and on would fill the grader's memory. */
const MAX_CONNECTIONS = 2_000
const MAX_RECEIVED_MEBIBYTES = 64

/** What convicts a program that connects or sends without end; null as long as it does not. */
export function floodOf(ends: readonly TcpEnd[]): Conviction | null {
  if (ends.length > MAX_CONNECTIONS) return convicted(`more than ${MAX_CONNECTIONS} connections in one check`)
  const received = ends.reduce((sum, end) => sum + end.receivedLength, 0)
  if (received <= MAX_RECEIVED_MEBIBYTES * 2 ** 20) return null
  return convicted(`more than ${MAX_RECEIVED_MEBIBYTES} MiB sent in one check`)
}

// --- internal ---

function convicted(saw: string): Conviction {
  return new Conviction({ kind: 'crashed', expected: 'a program that comes to rest', saw })
}
