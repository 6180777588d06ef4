import type { Call, Check, DatagramPeer, RemoteServer } from '../../../workbook/grading/check.ts'
import type { Options } from './model.ts'

/** The learner's end of a pipe in the hands of a check, whichever way it came about. */

export const HOST = '127.0.0.1'

/** What the program's side shows of itself. */
export interface Seen {
  readonly tuple: unknown
  readonly bytes: Buffer
  readonly ended: string | null
  readonly closed: string | null
}

export interface LearnerEnd {
  /** The program's UDP port; null as long as it has sent nothing. */
  readonly port: number | null
  /** Fixture's number of the newest pipe; null where there is none. */
  id(): Promise<number | null>
  /** How many pipes it has opened. */
  opened(): Promise<number>
  /** The code with which openPipe() rejected. */
  readonly failed: string | null
  /** Lets go of what was made. */
  finish(): Promise<void>
}

export interface Making {
  readonly options: Options
  readonly isn: readonly number[]
  /** Read on and on, from the beginning. */
  readonly greedy: boolean
}

export async function optionsOf(c: Check, { options, isn }: Pick<Making, 'options' | 'isn'>) {
  return { ...options, isn: await c.learner.make('numbers', isn) }
}

export async function opener(c: Check, peer: DatagramPeer, making: Making): Promise<LearnerEnd> {
  const call = c.learner.call<object>('openPipe', { host: HOST, port: peer.port }, await optionsOf(c, making))
  let watched: number | null = null
  const id = async (): Promise<number | null> => {
    if (watched === null && call.outcome?.ok)
      watched = await c.learner.make<number>('watch', call.outcome.value, making.greedy)
    return watched
  }
  return {
    port: null,
    id,
    opened: async () => ((await id()) === null ? 0 : 1),
    get failed() {
      return failureOf(call)
    },
    finish: async () => undefined,
  }
}

export async function listener(c: Check, making: Making): Promise<LearnerEnd> {
  const { server, ids } = await listening(c, making)
  return {
    port: server.port,
    id: async () => (await ids()).at(-1) ?? null,
    opened: async () => (await ids()).length,
    failed: null,
    async finish() {
      const closing = server.close()
      await c.learner.idle()
      await c.blame('R13', () => closing)
    },
  }
}

/** @returns The program's server, and the numbers of the pipes that it has taken. */
export async function listening(c: Check, making: Making) {
  const onPipe = await c.learner.make<object>('acceptor', making.greedy)
  const server = await c.learner.call<RemoteServer>('listenPipes', onPipe, await optionsOf(c, making))
  const ids = (): PromiseLike<number[]> => c.learner.make<number[]>('acceptedBy', onPipe)
  return { server, ids, onPipe }
}

export function look(c: Check, id: number): PromiseLike<Seen> {
  return c.learner.make<Seen>('look', id)
}

// --- internal ---

function failureOf(call: Call<unknown>): string | null {
  const outcome = call.outcome
  return outcome && !outcome.ok ? (outcome.error.code ?? outcome.error.message) : null
}
