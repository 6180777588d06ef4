import type { Check, Connection } from '../../../workbook/grading/check.ts'
import { get, ok, place, statusOf } from './place.ts'

/** What fails, and who is told. */

// --- R13: failures ---

export async function tellsTheHop(c: Check): Promise<void> {
  const p = await place(c)
  const expectTold = async (client: Connection, status: string, what: string, hop = p.hop): Promise<void> => {
    const answer = await client.response({ as: `${status} for ${what}` })
    c.expectEqual(statusOf(answer), status, `the status for ${what}`)
    const text = answer.body.toString()
    if (hop !== '') c.expect(text.includes(hop), `${hop} in the body for ${what}`, text)
  }
  const client = await p.client()
  await client.send('GET http://refused.example/ HTTP/1.1\r\nHost: x\r\n\r\n')
  await expectTold(client, '502', 'a refused connection', '127.0.0.1:')
  const broken = [
    ['FIN before an answer', ''],
    ['FIN within the head', 'HTTP/1.1 200 OK\r\nConte'],
    ['what is no HTTP', 'SSH-2.0-OpenSSH\r\n\r\n'],
    ['both lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx'],
    ['a head too large', `HTTP/1.1 200 OK\r\nX-A: ${'a'.repeat(2_000)}\r\n\r\n`],
    ['a switch that nobody asked for', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n'],
  ] as const
  for (const [what, bytes] of broken) {
    await client.send(get('/a'))
    const { wire } = await p.asked()
    if (bytes !== '') await wire.send(bytes)
    if (what.startsWith('FIN')) await wire.fin()
    await expectTold(client, '502', what)
    await wire.seesEnd()
  }
  await client.send(get('/late'))
  const { wire } = await p.asked()
  await c.learner.tick(2_999)
  await client.silent()
  await wire.send('HTTP/1.1 2')
  await c.learner.tick(1)
  await expectTold(client, '504', 'a head that takes longer than headMs')
  await wire.seesEnd()
  await client.staysOpen()
}

/** Half an answer, in each framing, to each version. */
export async function neverLooksWhole(c: Check): Promise<void> {
  const p = await place(c)
  for (const framing of ['Content-Length: 100', 'Transfer-Encoding: chunked', 'X-No: length'])
    for (const version of ['1.1', '1.0'])
      for (const end of ['stops', 'FIN', 'RST'] as const) {
        // To the FIN is to the end.
        if (framing === 'X-No: length' && end === 'FIN') continue
        const client = await p.client()
        await client.send(get('/half', '', version))
        const { wire } = await p.asked()
        await wire.send(`HTTP/1.1 200 OK\r\n${framing}\r\nCache-Control: max-age=60\r\n\r\n4\r\nhalf\r\n`)
        await c.learner.idle()
        if (end === 'stops') await c.learner.tick(2_000)
        if (end === 'FIN') await wire.fin()
        if (end === 'RST') await wire.reset()
        const what = `half an answer with ${framing}, of an origin that ${end === 'stops' ? 'stops for bodyMs' : `sends ${end}`}, to HTTP/${version}`
        const how = await client.seesEnd()
        const said = client.unread.toString()
        const isLengthOnly = /^content-length: 100\r$/im.test(said)
        const isChunked = /^transfer-encoding: chunked\r$/im.test(said)
        const looksWhole = how === 'FIN' && (isChunked ? said.endsWith('\r\n0\r\n\r\n') : !isLengthOnly)
        c.expect(!looksWhole, `an end that nobody takes for the end of ${what}`, how)
        if (end === 'stops') await wire.seesEnd()
        if (how === 'FIN') await client.fin()
      }
}

/** The clock of an origin begins anew with each piece of its body. */
export async function slowOriginsStay(c: Check): Promise<void> {
  const p = await place(c)
  const client = await p.client()
  await client.send(get('/slow'))
  const { wire } = await p.asked()
  await wire.send('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n')
  for (const byte of 'slow') {
    await c.learner.tick(1_500)
    await wire.send(byte)
    const said = `${wire.ended} from you to the origin, 1500 ms after its last piece; bodyMs is 2000`
    c.expect(wire.ended === 'open', 'the connection to an origin open that sends a byte every 1500 ms', said)
  }
  c.expectEqual((await client.response()).body.toString(), 'slow', 'the body of an origin that is slow')
}

export async function clientsThatLeave(c: Check): Promise<void> {
  const p = await place(c)
  for (const when of ['before the answer', 'within the answer', 'within its own body'] as const) {
    const client = await p.client()
    const isUpload = when === 'within its own body'
    await client.send(
      isUpload ? 'POST /x HTTP/1.1\r\nHost: a.example\r\nContent-Length: 9\r\n\r\nabc' : get('/x'),
    )
    await c.learner.idle()
    const wire = await p.origin.connection({ as: `a request at the origin, of a client that leaves ${when}` })
    p.wires.push(wire)
    await wire.take(wire.unread.length)
    if (when === 'within the answer') {
      await wire.send('HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 9\r\n\r\nabc')
      await client.takeThrough('abc')
    }
    await client.reset()
    c.step(`the client has left ${when}`)
    await wire.seesEnd()
  }
  const next = await p.client('next')
  await next.send(get('/x'))
  const { wire } = await p.asked('a request for what nobody has whole')
  await wire.send(ok('whole'))
  c.expectEqual((await next.response()).body.toString(), 'whole', 'the body for the next client')
}
