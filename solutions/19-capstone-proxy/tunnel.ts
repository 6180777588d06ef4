/** CONNECT: bytes both ways, and each side's FIN on its own (RFC 9110 §9.3.6). */
import { connect, type Socket } from 'node:net'
import type { Address } from '../../labs/kit/http.ts'
import type { Exchange } from './serving.ts'

/** A tunnel has no clock: whoever is inside may be silent for as long as they like. */
export function openTunnel(exchange: Exchange, { host, port }: Address, headMs: number): void {
  const onward = connect({ host, port, allowHalfOpen: true, noDelay: true })
  const fail = (status: number, why: string): void => {
    clearTimeout(late)
    exchange.listener = {}
    onward.destroy()
    exchange.reply(status, `${host}:${port}: ${why}`)
  }
  const late = setTimeout(() => fail(504, 'no connection in time'), headMs)
  const refuse = (error: Error): void => fail(502, error.message)
  onward.once('error', refuse)
  exchange.listener = {
    onGone() {
      clearTimeout(late)
      onward.destroy()
    },
  }
  onward.once('connect', () => {
    clearTimeout(late)
    onward.off('error', refuse)
    const { socket, early } = exchange.open()
    onward.write(early)
    join(socket, onward)
    join(onward, socket)
  })
}

function join(from: Socket, to: Socket): void {
  from.on('error', () => undefined)
  from.pipe(to)
  from.once('close', () => {
    // Neither FIN nor FIN: the other side must not take it for a good end.
    if (!from.readableEnded || !from.writableFinished) to.resetAndDestroy()
  })
}
