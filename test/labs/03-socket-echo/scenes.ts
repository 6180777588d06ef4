import type { FourTuple } from '../../../labs/kit/http.ts'
import type { Call, Check, Connection, RemoteServer } from '../../../workbook/grading/check.ts'

/** What lab 03 draws and sends, and what it expects of answers and of what is left open. */

export const MIB = 2 ** 20

interface Options {
  readonly host?: string
  readonly port?: number
  readonly maxLineBytes?: number
  readonly keepAliveMs?: number
  readonly onConnection?: (tuple: FourTuple) => void
}

export function startEcho(c: Check, options: Options = {}): Promise<RemoteServer> {
  return c.learner.serve('startEcho', options)
}

/** One client of a new server. */
export async function connected(c: Check, options: Options = {}): Promise<Connection> {
  const server = await startEcho(c, options)
  return c.connect(server.port)
}

/** Text with a character of four bytes in it, and others of two and three. */
export function drawText(c: Check): string {
  const words = ['naïve', 'grüße', '日本', 'привет', 'λόγος']
  return `${c.random.pick(words)} ${c.random.word()} 🌊 ${c.random.pick(words)} ${c.random.word()}`
}

/** Text of one byte a character, where characters are not the point. */
export function drawWords(c: Check, count: number): string {
  return Array.from({ length: count }, () => c.random.word()).join(' ')
}

/** A line of exactly so many bytes, and of fewer characters. */
export function drawLine(c: Check, bytes: number): string {
  const start = `${drawText(c)} `
  const left = bytes - Buffer.byteLength(start)
  return start + 'é'.repeat(Math.floor(left / 2)) + 'x'.repeat(left % 2)
}

/** Numbered lines, nearly as long as they may be: what is lost, doubled or out of order shows. */
export function drawLines(c: Check, bytes: number): Buffer {
  const filler = `${c.random.word()} `.repeat(6_500)
  const lines: Buffer[] = []
  for (let length = 0; length < bytes; length += lines.at(-1)?.length ?? 0) {
    lines.push(Buffer.from(`${lines.length} ${filler}\n`))
  }
  return Buffer.concat(lines)
}

/** One line there and back. */
export async function converse(c: Check, client: Connection): Promise<void> {
  const line = drawText(c)
  await client.send(`${line}\n`)
  await answers(c, client, [line])
}

/** Takes these answers. A wrong byte is shown at once; for what is missing, it waits. */
export async function answers(c: Check, client: Connection, lines: readonly string[]): Promise<void> {
  const expected = Buffer.from(lines.map((line) => `${line}\n`).join(''))
  await c.learner.idle()
  const seen = client.unread.subarray(0, expected.length)
  const isWrong = !seen.equals(expected.subarray(0, seen.length))
  if (isWrong) c.expectBytes(client.unread, expected, lines.length === 1 ? 'the answer' : 'the answers')
  await client.take(expected.length)
}

export async function notAnswered(c: Check, client: Connection, tooLong: string): Promise<void> {
  await c.learner.idle()
  const length = Buffer.byteLength(tooLong)
  const saw = `the line itself: your limit let ${length} bytes through (${tooLong.length} characters)`
  const isAnswered = client.unread.indexOf(`${tooLong}\n`) === 0
  c.expect(!isAnswered, `one line that begins with ERR: the limit is ${length - 1} bytes`, saw)
}

/** One error line and FIN, and nothing else. */
export async function refused(c: Check, client: Connection): Promise<void> {
  const bytes = await client.takeToFin()
  const text = bytes.toString('latin1')
  c.expect(/^ERR[^\n]*\n$/.test(text), 'one line that begins with ERR, then FIN', describe(text))
}

function describe(text: string): string {
  if (text === '') return 'FIN, and no error line'
  const lines = text.split('\n').length - 1
  return `${lines === 1 ? 'one line' : `${lines} lines`}, ${text.length} bytes: ${JSON.stringify(text.slice(0, 40))}`
}

/**
 * Sends long lines, each only when the answer to the one before has left the program, until the
 * first answer does not: the system takes no more. Everything sent has then been read, and answered.
 *
 * @param behind - Short lines that come right behind each long one.
 * @returns What was sent.
 */
export async function fill(c: Check, client: Connection, behind = ''): Promise<Buffer> {
  const line = c.random.word().padEnd(MIB, '.')
  const bytes = Buffer.from(`${line}\n${behind}`)
  for (let count = 1; count <= 64; count++) {
    await client.send(bytes)
    if ((await c.learner.held()) > 0) {
      c.step(`${count} long lines have been sent, and the system takes no more answers`)
      return Buffer.alloc(count * bytes.length, bytes)
    }
  }
  return c.fail('answers that wait for a client which does not read', '64 MiB of answers, and none waits')
}

export async function everyAnswerThenFin(c: Check, client: Connection, sent: Buffer): Promise<void> {
  client.read()
  const end = await client.seesEnd()
  const { length } = client.received
  c.expect(
    length === sent.length,
    `${sent.length} bytes of answers, then FIN`,
    `${end} after ${length} bytes: the last ${sent.length - length} have not left your program`,
  )
  c.expectBytes(client.received, sent, 'the answers')
  c.expect(end === 'FIN', 'FIN behind the last answer', end)
}

/** What switched keep-alive on, with the seconds: `setKeepAlive(true, 30)`. */
export async function keepAliveCalls(c: Check): Promise<string[]> {
  await c.learner.idle()
  return (await c.learner.handleCalls()).filter((call) => call.startsWith('setKeepAlive(true'))
}

export function fourTuple(localPort: number, remotePort: number): FourTuple {
  return { localAddress: '127.0.0.1', localPort, remoteAddress: '127.0.0.1', remotePort }
}

/** A call of sendLines that has reached the grader's server. */
export async function sending(
  c: Check,
  lines: readonly string[],
): Promise<{ call: Call<string[]>; connection: Connection }> {
  const server = await c.listen()
  c.learner.permit('::1', server.port, server)
  const call = c.learner.call<string[]>('sendLines', server.port, lines)
  return { call, connection: await server.connection() }
}

export async function oneLeft(c: Check): Promise<void> {
  const open = await c.learner.openSockets()
  c.expect(open === 1, 'one socket of your server open, that of the other client', `${open} open`)
}

export async function stillPending(c: Check, call: Call<unknown>, why: string): Promise<void> {
  await c.learner.idle()
  c.expect(!call.settled, `close() still pending: ${why}`, 'it has settled already')
}

export async function resolves(c: Check, call: Call<unknown>, why: string): Promise<void> {
  await c.learner.idle()
  c.expect(call.settled, `close() resolved: ${why}`, 'it is pending, and your program idle')
  await call
}

export const mib = (bytes: number) => `${(bytes / MIB).toFixed(1)} MiB`
