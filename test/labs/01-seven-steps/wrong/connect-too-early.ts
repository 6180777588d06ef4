// Reports `connect` when it asks for the connection, not when it has it.
// fails: R6
// says: no `connect` yet
import dns from 'node:dns'
import net from 'node:net'
import { formatRequest } from '../../../../labs/kit/format.ts'
import { parseHead, parseResponseHead } from '../../../../labs/kit/head.ts'
import { field, type Response } from '../../../../labs/kit/http.ts'

type Step = 'host' | 'address' | 'port' | 'connect' | 'request' | 'response' | 'close'
type OnStep = (step: Step) => void
interface Options {
  readonly lookup?: (host: string) => Promise<string>
  readonly onStep?: OnStep
}

export async function fetchOnce(url: string, options: Options = {}): Promise<Response> {
  const { lookup = systemLookup, onStep = () => undefined } = options
  const target = new URL(url)
  const host = target.hostname.replace(/[[\]]/g, '')
  const port = Number(target.port || 80)
  onStep('host')
  onStep('port')
  try {
    const address = net.isIP(host) ? host : await lookup(host)
    onStep('address')
    return await exchange(address, port, requestFor(target), onStep)
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException
    throw Object.assign(new Error(`no answer from ${host}:${port}: ${message}`), code ? { code } : {})
  }
}

async function systemLookup(host: string): Promise<string> {
  const { address } = await dns.promises.lookup(host)
  return address
}

function requestFor(target: URL): Buffer {
  return formatRequest({
    method: 'GET',
    target: target.pathname + target.search,
    version: '1.1',
    headers: [
      ['Host', target.host],
      ['Connection', 'close'],
    ],
    body: new Uint8Array(),
  })
}

function exchange(address: string, port: number, request: Buffer, onStep: OnStep): Promise<Response> {
  return new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0)
    let response: Response | null = null
    const look = (ended: boolean): void => {
      if (response) return
      try {
        response = takeResponse(bytes, ended)
      } catch (error) {
        socket.destroy(error as Error)
      }
      if (!response) return
      onStep('response')
      socket.destroy()
    }
    const socket = net.connect(port, address)
    onStep('connect')
    socket.on('connect', () => {
      socket.write(request)
      onStep('request')
    })
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk])
      look(false)
    })
    socket.on('end', () => look(true))
    socket.on('error', reject)
    socket.on('close', () => {
      if (!response) return reject(new Error('the response was cut short'))
      onStep('close')
      resolve(response)
    })
  })
}

/** The response in these bytes; null while it is not whole. */
function takeResponse(bytes: Buffer, ended: boolean): Response | null {
  const head = parseHead(bytes)
  if (!head) return null
  const start = parseResponseHead(head)
  const length = field(head.headers, 'content-length')
  if (length === null) return ended ? { ...start, body: bytes.subarray(head.length) } : null
  const end = head.length + Number(length)
  return bytes.length < end ? null : { ...start, body: bytes.subarray(head.length, end) }
}
