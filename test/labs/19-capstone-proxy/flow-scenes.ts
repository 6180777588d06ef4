import type { Check, Connection } from '../../../workbook/grading/check.ts'
import { get, ok, place, statusOf, type Place } from './place.ts'
import { WHY } from './predictions.ts'

/** What passes in bytes: large bodies, and tunnels. */

// --- R14: back-pressure ---

const MIB = 1_048_576

export const holdsLittleDown = (c: Check): Promise<void> => holdsLittle(c, 'down')
export const holdsLittleUp = (c: Check): Promise<void> => holdsLittle(c, 'up')

async function holdsLittle(c: Check, direction: 'down' | 'up'): Promise<void> {
  const p = await place(c, { maxBodyBytes: 2 ** 40 })
  const slow =
    direction === 'down' ? await c.connect(p.proxy.port, { paused: true, name: 'slow' }) : await p.client()
  const size = 24 * MIB
  await slow.send(
    direction === 'down'
      ? get('/big')
      : `POST /big HTTP/1.1\r\nHost: a.example\r\nContent-Length: ${size}\r\n\r\n`,
  )
  await c.learner.idle()
  const wire = await p.origin.connection()
  p.wires.push(wire)
  await wire.takeThrough('\r\n\r\n')
  if (direction === 'up') wire.pause()
  else
    await wire.send(
      `HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nTransfer-Encoding: chunked\r\n\r\n${size.toString(16)}\r\n`,
    )
  const [from, to] = direction === 'down' ? [wire, slow] : [slow, wire]
  const block = Buffer.alloc(size / 3, c.random.bytes(1000))
  for (let sent = 1; sent <= 3; sent++) {
    await from.send(block)
    const held = await c.learner.held()
    const expected = `at most 1 MiB that your proxy has read and the system has not taken back, ${direction === 'down' ? 'for a client' : 'for an origin'} that does not read`
    c.expect(held <= MIB, expected, `${(held / MIB).toFixed(1)} MiB, after ${(sent * size) / 3 / MIB} MiB`)
  }
  const other = await p.client('other')
  await other.send(get('/small'))
  const next = await p.asked()
  await next.wire.send(ok('small'))
  c.expectEqual((await other.response()).body.toString(), 'small', 'the body for another client meanwhile')
  if (direction === 'down') await slow.reset({ now: true })
  else {
    await c.learner.tick(2_000)
    c.expectEqual(
      statusOf(await slow.response()),
      '504',
      'the status when an origin takes nothing for bodyMs',
    )
    await slow.reset({ now: true })
  }
  await other.fin()
  to.read()
}

/** The clock of an origin stands still while its client does not read. */
export async function everythingArrives(c: Check): Promise<void> {
  const p = await place(c, { bodyMs: 2_000 })
  const slow = await c.connect(p.proxy.port, { paused: true, name: 'slow' })
  await slow.send(get('/big'))
  const { wire } = await p.asked()
  const body = Buffer.alloc(9 * MIB, c.random.bytes(4099))
  await wire.send(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`)
  await wire.send(body)
  c.step('the client reads nothing for 1500 ms; bodyMs is 2000')
  await c.learner.tick(1_500)
  c.expect(
    wire.ended === 'open',
    'the connection to the origin open: the origin has sent all, and it is the client that does not read',
    `${wire.ended} from you to the origin within 1500 ms, and bodyMs is 2000`,
  )
  slow.read()
  const answer = await slow.response()
  c.expect(
    answer.body.equals(body),
    'every byte, when the client reads after all',
    `${answer.body.length} bytes`,
  )
  await slow.send(get('/next'))
  const next = await p.asked()
  await next.wire.send(ok('next'))
  c.expectEqual((await slow.response()).body.toString(), 'next', 'the next body on the same connection')
}

// --- R15: tunnels ---

const CONNECT = 'CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n'

async function tunnelOf(c: Check, p: Place, early = ''): Promise<readonly [Connection, Connection]> {
  const client = await p.client()
  await client.send(`${CONNECT}${early}`)
  const wire = await p.origin.connection({ as: 'a connection to the origin, for CONNECT' })
  p.wires.push(wire)
  const head = (await client.takeThrough('\r\n\r\n')).toString()
  c.expect(/^HTTP\/1\.[01] 2\d\d /.test(head), 'a status of 2xx for CONNECT', head)
  c.expect(!/^(?:content-length|transfer-encoding):/im.test(head), 'no length in the answer to CONNECT', head)
  return [client, wire]
}

export async function tunnels(c: Check): Promise<void> {
  const p = await place(c)
  const [client, wire] = await tunnelOf(c, p, 'early')
  c.expectBytes(await wire.take(5), 'early', 'what came behind the CONNECT')
  const [up, down] = [c.random.bytes(3_000), c.random.bytes(3_000)]
  await client.sendInParts(c.random.split(up, 3))
  await wire.sendInParts(c.random.split(down, 3))
  c.expectBytes(await wire.take(up.length), up, 'what the client sends through the tunnel')
  c.expectBytes(await client.take(down.length), down, 'what the origin sends through the tunnel')
  await c.learner.tick(50_000)
  await c.learner.idle()
  c.observe('P3', client.ended === 'open' ? 'b' : 'a', WHY.P3)
  await client.staysOpen()
  await wire.staysOpen()
  await client.send(get('/looks-like-a-request'))
  c.expectBytes(
    await wire.takeThrough('\r\n\r\n'),
    get('/looks-like-a-request'),
    'a request within the tunnel, untouched',
  )
  await client.fin()
  await wire.sees('FIN')
  await client.staysOpen()
  await wire.send('late')
  c.expectBytes(await client.take(4), 'late', 'what the origin says behind the FIN of the client')
  await wire.fin()
  await client.sees('FIN')
  const [other, back] = await tunnelOf(c, p)
  await back.fin()
  await other.sees('FIN')
  await other.send('still')
  c.expectBytes(await back.take(5), 'still', 'what the client says behind the FIN of the origin')
  await other.fin()
  await back.sees('FIN')
}

/** The client has said all before anybody has taken the connection. */
export async function tunnelsBegunAtOnce(c: Check): Promise<void> {
  const p = await place(c)
  const client = await p.client()
  await client.send(`${CONNECT}all`)
  await client.fin()
  const wire = await p.origin.connection({ as: 'a connection to the origin, for CONNECT' })
  c.expectBytes(await wire.take(3), 'all', 'what came behind the CONNECT')
  await wire.sees('FIN')
  await wire.send('back')
  await wire.fin()
  const said = (await client.takeToFin()).toString()
  c.expect(said.endsWith('\r\n\r\nback'), 'what the origin says, at a client that has sent its FIN', said)
}

export async function tunnelsEnd(c: Check): Promise<void> {
  const p = await place(c)
  const [client, wire] = await tunnelOf(c, p)
  await client.reset()
  c.expectEqual(await wire.seesEnd(), 'RST', 'the end at the origin, when the client resets its tunnel')
  const [other, back] = await tunnelOf(c, p)
  await back.reset()
  c.expectEqual(await other.seesEnd(), 'RST', 'the end at the client, when the origin resets its tunnel')
  await resetsBehindFin(c, p)
  for (const host of ['refused.example:443', 'nowhere.example:443']) {
    const lost = await p.client()
    await lost.send(`CONNECT ${host} HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
    c.expectEqual(statusOf(await lost.response()), '502', `the status for CONNECT ${host}`)
    await lost.fin()
  }
  const [inside, outside] = await tunnelOf(c, p)
  const closed = p.proxy.close()
  await inside.send('on')
  c.expectBytes(await outside.take(2), 'on', 'what passes through a tunnel while the proxy closes')
  await c.learner.tick(4_000)
  await inside.seesEnd()
  await outside.seesEnd()
  await closed
  await c.learner.leavesNothing()
}

/** One direction has ended, and the other one ends with a reset. */
async function resetsBehindFin(c: Check, p: Place): Promise<void> {
  for (const first of ['client', 'origin'] as const) {
    const second = first === 'client' ? 'origin' : 'client'
    const tunnel = async (): Promise<readonly [Connection, Connection]> => {
      const [client, wire] = await tunnelOf(c, p)
      return first === 'client' ? [client, wire] : [wire, client]
    }
    const [ended, resets] = await tunnel()
    await ended.fin()
    await resets.sees('FIN')
    await resets.reset()
    await c.learner.idle()
    const what = `the end at the ${first}, which has sent FIN, when the ${second} resets its tunnel`
    c.expectEqual(ended.ended, 'RST', what)
    const [leaves, stays] = await tunnel()
    await leaves.fin()
    await stays.sees('FIN')
    await leaves.reset()
    await stays.send('late')
    await c.learner.idle()
    const expected = `a reset for the ${second} that still sends, when the ${first} resets its tunnel behind its FIN`
    c.expect(!(await stays.takesMore()), expected, 'your proxy takes what it sends')
  }
}

export async function tunnelsHoldLittle(c: Check): Promise<void> {
  const p = await place(c)
  const client = await c.connect(p.proxy.port, { paused: true })
  await client.send(CONNECT)
  const wire = await p.origin.connection()
  for (let sent = 1; sent <= 2; sent++) {
    await wire.send(Buffer.alloc(8 * MIB))
    const held = await c.learner.held()
    c.expect(
      held <= MIB,
      'at most 1 MiB in a tunnel whose client does not read',
      `${(held / MIB).toFixed(1)} MiB`,
    )
  }
  await c.learner.tick(50_000)
  c.expectEqual(
    wire.ended,
    'open',
    'the end at the origin, when the client of a tunnel has not read for 50 s',
  )
  await client.reset({ now: true })
  await wire.seesEnd()
}
