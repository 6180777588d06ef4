/** What happens to a pool of lab 14, and what is seen of it. */

export type Fields = ReadonlyArray<readonly [string, string]>

export interface PoolOptions {
  readonly maxPerOrigin: number
  readonly maxWaiting: number
  readonly idleMs: number
  readonly marginMs: number
}

export interface Asked {
  /** What the conversation calls it. */
  readonly name: string
  readonly origin: number
  readonly method: string
  readonly target: string
  readonly fields: Fields
  readonly body: Buffer
  /** What the Host field has to be. */
  readonly host: string
  readonly signal: string | null
  readonly aborted: 'before' | 'at once' | null
}

export interface Replied {
  readonly version: '1.0' | '1.1'
  readonly status: number
  readonly fields: Fields
  readonly body: Buffer
  /** How it shows its end; `nothing` goes on to the FIN. */
  readonly end: 'length' | 'chunks' | 'nothing' | 'no body'
  readonly isHttp: boolean
  /** Status codes of interim answers before it. */
  readonly interim?: readonly number[]
}

export type Act =
  | { readonly act: 'ask'; readonly asked: readonly Asked[] }
  | {
      readonly act: 'reply'
      readonly name: string
      readonly replied: Replied
      readonly hasHead: boolean
      readonly isWhole: boolean
      /** Bytes behind it in the same write, or FIN. */
      readonly behind: 'bytes' | 'fin' | null
    }
  /** On the connection that has carried this request last. */
  | { readonly act: 'fin' | 'reset'; readonly name: string }
  | { readonly act: 'stray'; readonly name: string }
  | { readonly act: 'abort'; readonly signal: string }
  | { readonly act: 'tick'; readonly milliseconds: number }
  | { readonly act: 'refuse' | 'accept' | 'look up' | 'find'; readonly origin: number }
  | { readonly act: 'close' }

export interface SeenConnection {
  readonly requests: ReadonlyArray<
    Omit<Asked, 'name' | 'origin' | 'host' | 'signal' | 'aborted'> & { readonly version: string }
  >
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

export interface Seen {
  /** By origin, in the order in which they were accepted. */
  readonly connections: ReadonlyArray<readonly SeenConnection[]>
  readonly calls: ReadonlyMap<string, Outcome>
  /** Whether close() has settled; null where it has not been called. */
  readonly closed: boolean | null
}

export interface Broken {
  readonly requirement: string
  readonly expected: string
  readonly saw: string
}

/** Whose promise it is, and in which words. */
export interface Cause {
  readonly requirement: string
  readonly why: string
}

export interface Line {
  readonly number: number
  readonly origin: number
  /** What has brought it, where it is not the first. */
  readonly cause: Cause
  /** The requests on it, by name, and why each is here. */
  readonly carried: Array<{ readonly name: string; readonly cause: Cause }>
  state: 'busy' | 'idle' | 'gone'
  /** The order in which connections became idle, and when their time is over. */
  usedAt: number
  until: number
  isHinted: boolean
  /** It holds its place, and its server has not heard of it. */
  isOpening: boolean
  ended: Cause | null
  /** By its server: no end of ours is seen any more. */
  wasReset: boolean
}

export type Wanted =
  | { readonly is: 'pending' }
  | { readonly is: 'resolved'; readonly replied: Replied; readonly requirement: string }
  | { readonly is: 'rejected'; readonly code: string | null; readonly cause: Cause }

export interface Ask {
  readonly asked: Asked
  line: Line | null
  isRepeated: boolean
  /** Bytes of its answer have come. */
  begun: Extract<Act, { act: 'reply' }> | null
  wanted: Wanted
}

export interface Origin {
  readonly number: number
  readonly lines: Line[]
  readonly queue: Ask[]
  isRefusing: boolean
  /** No answer comes to the lookup of its name. */
  isLookedUp: boolean
  /** Connections that were given up while they were opened: seen or not. */
  phantoms: number
  /** What has freed a place last. */
  freed: Cause | null
}
