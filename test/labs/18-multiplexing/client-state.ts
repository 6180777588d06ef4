import type { Headers } from '../../../labs/kit/http.ts'
import type { Shown } from './peer.ts'

/** What has happened between a client, its callers and its server. */

export interface Asked {
  readonly method: string
  readonly target: string
  readonly authority: string
  /** As they have to stand on the wire. */
  readonly fields: Headers
  readonly body: Buffer
}

export interface Replied {
  readonly status: number
  readonly fields: Headers
  readonly body: Buffer
}

export type Wanted =
  | { readonly is: 'pending' }
  | { readonly is: 'resolved'; readonly replied: Replied }
  | {
      readonly is: 'rejected'
      readonly why: string
      readonly code: string | null
      readonly requirement: string
    }

export interface Line {
  readonly asked: Asked
  /** 0 while it waits. */
  id: number
  isSecond: boolean
  wanted: Wanted
  window: number
  shown: number
  replied: Replied | null
}

export interface Outcome {
  readonly is: 'pending' | 'resolved' | 'rejected'
  readonly code?: string | undefined
  /** Of the error with which it has rejected. */
  readonly message?: string
  readonly status?: unknown
  readonly headers?: unknown
  readonly body?: unknown
}

export interface Seen {
  readonly streams: ReadonlyMap<number, Shown>
  readonly outcomes: readonly Outcome[]
  readonly goaway: { readonly last: number; readonly code: number } | null
}
