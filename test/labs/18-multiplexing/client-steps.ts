import type { Headers } from '../../../labs/kit/http.ts'
import type { ERROR } from '../../../labs/kit/http2.ts'
import type { HeadersForm } from './wire.ts'

/** Conversations with a client: requests are named by the order in which they were asked, from 1. */
export type Step =
  | { readonly ask: Wish }
  | { readonly settings: { readonly max?: number; readonly window?: number } }
  | { readonly reply: number; readonly with?: Answer }
  /** The rest of an answer of which only some bytes have been sent. */
  | { readonly more: number; readonly bytes?: number; readonly padding?: number }
  | { readonly reset: number; readonly code: keyof typeof ERROR }
  | { readonly grant: number; readonly bytes: number }
  /** GOAWAY with the stream of this request as the last one; 0 for none. */
  | { readonly goaway: number; readonly code?: keyof typeof ERROR }
  | { readonly says: 'PING' | 'unknown' | 'PRIORITY' }
  | { readonly server: 'fin' | 'rst' }
  | { readonly close: true }
  | { readonly milliseconds: number }

export interface Wish {
  readonly method?: string
  readonly fields?: Headers
  /** How they stand on the wire, where that is something else. */
  readonly sent?: Headers
  readonly host?: string
  readonly body?: number
}

export interface Answer {
  readonly status?: number
  readonly fields?: Headers
  readonly body?: number
  /** Bytes of the body that are sent with it; all if not said. */
  readonly send?: number
  readonly padding?: number
  readonly form?: Partial<HeadersForm>
  readonly interim?: readonly number[]
  readonly ends?: 'with empty DATA' | 'with trailers'
  /** Instead of a section that is in order; the error that comes of it. */
  readonly section?: Headers
  readonly isMalformed?: true
  readonly drip?: number
}

export type ClientScript = readonly Step[]

export const ask = (of: Wish = {}): Step => ({ ask: of })
export const reply = (index: number, answer?: Answer): Step =>
  answer ? { reply: index, with: answer } : { reply: index }
export const grant = (index: number, bytes: number): Step => ({ grant: index, bytes })

/** More than any window that is used here. */
export const MORE = 2 ** 20
