import type { Broken } from './server-state.ts'

/** What happens to a client of lab 12, and what is seen of it. */

export type { Broken }

export type Fields = ReadonlyArray<readonly [string, string]>

export interface Asked {
  readonly method: string
  readonly target: string
  readonly fields: Fields
  readonly body: Buffer
}

export interface Replied {
  readonly version: '1.0' | '1.1'
  readonly status: number
  readonly fields: Fields
  readonly body: Buffer
  /** How it shows its end; `nothing` goes on to the FIN. */
  readonly end: 'length' | 'chunks' | 'nothing'
  readonly isHttp: boolean
}

export type Act =
  | { readonly act: 'request'; readonly asked: Asked }
  /** Bytes of an answer: whether its head and all of it have come, and whether more than it. */
  | {
      readonly act: 'reply'
      readonly replied: Replied
      readonly hasHead: boolean
      readonly isWhole: boolean
      readonly isMore: boolean
    }
  /** Bytes on a connection on which nothing has been asked. */
  | { readonly act: 'stray' }
  | { readonly act: 'fin' | 'reset' | 'refuse' | 'tick' | 'close' }

export interface Seen {
  readonly connections: readonly SeenConnection[]
  /** The last call of request(). */
  readonly call: Outcome | null
  /** Whether close() has settled; null where it has not been called. */
  readonly closed: boolean | null
}

export interface SeenConnection {
  readonly requests: ReadonlyArray<Asked & { readonly version: string }>
  /** Bytes behind the last whole request. */
  readonly rest: number
  readonly ended: 'open' | 'FIN' | 'RST'
}

export type Outcome =
  | { readonly is: 'pending' }
  | {
      readonly is: 'resolved'
      readonly status: unknown
      readonly fields: unknown
      readonly body: Buffer | null
    }
  | { readonly is: 'rejected'; readonly code: string | undefined }
