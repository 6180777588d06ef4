import { once } from 'node:events'
import http from 'node:http'
import type net from 'node:net'
import type { RunningServer } from '../../../labs/kit/http.ts'
import { startNginx } from './programs.ts'

/** Servers of the references and of others, which all end behind a test. */

const cleanups: Array<() => Promise<unknown>> = []

export async function endAll(): Promise<void> {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
}

/** Something else that ends behind a test. */
export function onEnd(cleanup: () => Promise<unknown>): void {
  cleanups.push(cleanup)
}

export async function urlOf(starting: Promise<RunningServer>): Promise<string> {
  const server = await starting
  cleanups.push(() => server.close())
  return `http://127.0.0.1:${server.port}`
}

/** @returns The port of a server of Node's own. */
export async function nodeServer(listener: http.RequestListener): Promise<number> {
  const server = http.createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanups.push(async () => {
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  })
  return (server.address() as net.AddressInfo).port
}

export async function nginx(server: string, upstream?: string): ReturnType<typeof startNginx> {
  const started = await startNginx(server, upstream)
  cleanups.push(() => started.stop())
  return started
}

/** GET /0, /1, … one after the other, with the local port of each. */
export async function viaAgent(at: string, count: number): Promise<{ texts: string[]; ports: number[] }> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  cleanups.push(() => Promise.resolve(agent.destroy()))
  const [texts, ports]: [string[], number[]] = [[], []]
  for (let n = 0; n < count; n++) {
    const request = http.get(`${at}/${n}`, { agent })
    const [response] = (await once(request, 'response')) as [http.IncomingMessage]
    ports.push(response.socket.localPort ?? 0)
    let text = ''
    for await (const chunk of response.setEncoding('utf8')) text += chunk
    texts.push(text)
  }
  return { texts, ports }
}
