import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { parseHead } from '../../../labs/kit/head.ts'
import { field } from '../../../labs/kit/http.ts'

/** What stands in a chain beside the learner's proxies, in their process. */

export { historicalSmartProxy } from '../../../labs/kit/historical-smart-proxy.ts'

interface Hop {
  readonly from: string
  readonly to: string
  readonly kind: 'request' | 'response' | 'close' | 'silence'
  readonly head?: string
}

const record: Hop[] = []
const taps: Array<{ readonly from: string; readonly to: string }> = []

/**
 * Everything that has passed the taps, in order. Asked when nothing moves any more: whoever owes an
 * answer then is silent.
 */
export function recordedHops(): readonly Hop[] {
  const silences = taps.flatMap(({ from, to }): Hop[] => {
    const asked = record.filter((hop) => hop.kind === 'request' && hop.from === from)
    const answered = record.filter((hop) => hop.kind === 'response' && hop.to === from)
    return asked.length > answered.length ? [{ from: to, to: from, kind: 'silence' }] : []
  })
  return [...record, ...silences]
}

/** Listens in on one hop: every byte and FIN goes on as it came, and is written down. */
export async function startTap(from: string, to: string, port: number): Promise<{ port: number }> {
  taps.push({ from, to })
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    const heard = new Set<string>()
    listenIn(near, far, { from, to, kind: 'request', heard })
    listenIn(far, near, { from: to, to: from, kind: 'response', heard })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port }
}

interface Direction {
  readonly from: string
  readonly to: string
  readonly kind: 'request' | 'response'
  /** The end of the connection, once it has been heard from either side. */
  readonly heard: Set<string>
}

function listenIn(source: Socket, target: Socket, { from, to, kind, heard }: Direction): void {
  const hear = headListener(kind, (head) => record.push({ from, to, kind, head }))
  source.on('data', (chunk) => {
    hear(chunk)
    target.write(chunk)
  })
  source.on('end', () => {
    if (heard.size === 0) record.push({ from, to, kind: 'close' })
    heard.add('close')
    target.end()
  })
  source.on('error', () => target.destroy())
}

/** Calls back with the text of each head. A body without Content-Length is the last that is heard. */
function headListener(kind: 'request' | 'response', onHead: (head: string) => void): (chunk: Buffer) => void {
  let bytes = Buffer.alloc(0)
  let toSkip = 0
  return (chunk) => {
    bytes = Buffer.concat([bytes, chunk])
    for (;;) {
      const skipped = Math.min(toSkip, bytes.length)
      bytes = bytes.subarray(skipped)
      toSkip -= skipped
      const head = toSkip === 0 ? parseHead(bytes) : null
      if (!head) return
      onHead(bytes.toString('latin1', 0, head.length - 4))
      bytes = bytes.subarray(head.length)
      toSkip = Number(field(head.headers, 'content-length') ?? (kind === 'request' ? 0 : Infinity))
    }
  }
}
