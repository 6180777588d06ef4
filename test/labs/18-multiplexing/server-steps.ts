import type { Headers } from '../../../labs/kit/http.ts'
import type { HeadersForm } from './wire.ts'

/** Conversations with a server: streams are named by the order in which they were opened, from 1. */
export type Step =
  | { readonly server: { readonly maxStreams?: number; readonly windowBytes?: number } }
  | { readonly ask: Ask }
  /** More of the body of a request: so many bytes, or all that is left. */
  | { readonly more: number; readonly bytes?: number; readonly padding?: number }
  | { readonly answer: number; readonly with?: Reply }
  /** 0 is the connection. */
  | { readonly grant: number; readonly bytes: number }
  | { readonly initial: number }
  | { readonly reset: number }
  | { readonly says: 'PING' | 'PING ACK' | 'SETTINGS' | 'SETTINGS ACK' | 'unknown' | 'PRIORITY' }
  | { readonly close: true }
  | { readonly client: 'goaway' | 'fin' | 'rst' }
  | { readonly milliseconds: number }

export interface Ask {
  readonly method?: string
  readonly fields?: Headers
  /** Instead of the usual one; null for none. */
  readonly authority?: string | null
  /** Bytes of the body, of which so many are sent with it; all if not said. */
  readonly body?: number
  readonly send?: number
  readonly padding?: number
  readonly form?: Partial<HeadersForm>
  /** END_STREAM in a frame of its own. */
  readonly ends?: 'in the last frame' | 'with empty DATA' | 'with trailers'
  /** How many stream numbers are left out before it. */
  readonly skips?: number
  /** Bytes of one write. */
  readonly drip?: number
}

export interface Reply {
  readonly status?: number
  readonly body?: number
  readonly fields?: Headers
  readonly fails?: true
}

export type Script = readonly Step[]

export const ask = (of: Ask = {}): Step => ({ ask: of })
export const answer = (index: number, reply?: Reply): Step =>
  reply ? { answer: index, with: reply } : { answer: index }
export const grant = (index: number, bytes: number): Step => ({ grant: index, bytes })
export const says = (word: Extract<Step, { says: string }>['says']): Step => ({ says: word })

/** More than any window that is used here. */
export const MORE = 2 ** 20
