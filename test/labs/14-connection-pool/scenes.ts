import type { Address, Request, Response } from '../../../labs/kit/http.ts'
import type { Call, Check, Connection, Listener } from '../../../workbook/grading/check.ts'
import type { PoolOptions } from './state.ts'

/** What the examples have in common: a pool, its origin, and callers who ask in one turn. */

export interface Pool {
  request(origin: Address, request: Partial<Request>): Call<Response>
  close(): Call<void>
}

const OPTIONS: PoolOptions = { maxPerOrigin: 2, maxWaiting: 5, idleMs: 5_000, marginMs: 1_000 }

export function newPool(c: Check, options: Partial<PoolOptions>): Call<Pool> {
  return c.learner.construct<Pool>('Pool', { ...OPTIONS, ...options })
}

export function asking(origin: Address, target: string) {
  return { origin, request: { target }, controller: null, aborted: null }
}

export async function askInOneTurn(c: Check, pool: Pool, origin: Address, targets: readonly string[]) {
  const all = targets.map((target) => asking(origin, target))
  const calls = await c.learner.make<object>('start', pool, all, '')
  return { calls, answers: targets.map((_, index) => c.learner.make<Response>('answer', calls, index)) }
}

export async function start(c: Check, options: Partial<PoolOptions> = {}) {
  const origin = await c.listen({ name: 'origin' })
  const pool = await newPool(c, options)
  const ask = (request: Partial<Request>) => pool.request({ host: '127.0.0.1', port: origin.port }, request)
  return { origin, pool, ask, settle: readers(c, origin) }
}

/** Answers whatever has come; `find` tells on which connection something has. */
function readers(c: Check, origin: Listener) {
  const connections: Connection[] = []
  const find = async (): Promise<Connection | undefined> => {
    while (connections.length < origin.accepted) connections.push(await origin.connection())
    const found = connections.find(({ unread }) => unread.length > 0)
    if (found) await found.request()
    return found
  }
  const settle = async (): Promise<void> => {
    await c.learner.idle()
    const connection = await find()
    await connection?.send(`${head(2)}ok`)
  }
  return Object.assign(settle, { find })
}

export function head(length: number, ...fields: readonly string[]): string {
  return ['HTTP/1.1 200 OK', ...fields, `Content-Length: ${length}`, '', ''].join('\r\n')
}

export async function answer(connection: Connection, ...fields: readonly string[]): Promise<void> {
  await connection.request()
  await connection.send(`${head(2, ...fields)}ok`)
}
