import { expect, test } from 'vitest'
import type { Check } from '../../workbook/grading/check.ts'
import { createRandom } from '../../workbook/grading/random.ts'
import { Fates } from '../../workbook/wire/datagram-fates.ts'
import { gradeText, told, useEngine } from './engine.ts'

/** A bad path loses, doubles, swaps and damages exactly as many as it is told, and the kernel none. */

useEngine()

const BADNESS = { of: 20, lost: 4, doubled: 2, swapped: 2, damaged: 1 }
const CLEAN = { of: 1, lost: 0, doubled: 0, swapped: 0, damaged: 0 }

test('of each twenty, so many meet each fate, in another order each time', () => {
  const fates = new Fates(BADNESS, createRandom('fates'))
  const packs = Array.from({ length: 50 }, (_, pack) =>
    Array.from({ length: 20 }, (_each, index) => fates.next(`${pack} ${index}`)),
  )
  for (const pack of packs)
    for (const [fate, expected] of Object.entries({ ...BADNESS, of: 0 }))
      expect(pack.filter((each) => each === fate).length).toBe(expected)
  expect(new Set(packs.map((pack) => pack.join())).size).toBeGreaterThan(40)
})

test('what is sent again fails twice in a row at most', () => {
  const fates = new Fates({ ...BADNESS, lost: 12 }, createRandom('kin'))
  let failures = 0
  for (let sent = 0; sent < 1_000; sent++) {
    const fate = fates.next(`number ${sent % 3}`)
    if (sent % 3 !== 0) continue
    failures = fate === 'lost' || fate === 'damaged' ? failures + 1 : 0
    expect(failures).toBeLessThanOrEqual(2)
  }
})

/** Two UDP sockets: one sends numbered datagrams, and the other remembers them. */
const PROGRAM = `
import dgram from 'node:dgram'
const heard: string[] = []
const bind = () => new Promise<dgram.Socket>((resolve) => {
  const socket = dgram.createSocket('udp4')
  socket.bind(0, '127.0.0.1', () => resolve(socket))
})
let near: dgram.Socket
export async function listen() {
  const far = await bind()
  far.on('message', (bytes, { port }) => {
    heard.push(bytes.toString('latin1'))
    far.send('ok', port, '127.0.0.1')
  })
  near = await bind()
  near.on('message', (bytes) => void heard.push(bytes.toString('latin1')))
  return far.address().port
}
export function send(count: number, length: number, port: number) {
  for (let index = 0; index < count; index++) near.send(String(index).padEnd(length, '.'), port, '127.0.0.1')
}
export const soFar = () => heard
export const wait = () => new Promise(() => undefined)
`

/** Lets the path carry what there is: a wait in vain ends when it has. */
async function carried(c: Check): Promise<string[]> {
  const call = c.learner.call('wait')
  await call.rejects().catch(() => undefined)
  return await c.learner.call<string[]>('soFar')
}

test('what is carried arrives in order, and the answers come back', async () => {
  const verdict = await gradeText(PROGRAM, async (c) => {
    const path = await c.datagramPath(await c.learner.call<number>('listen'), { badness: CLEAN })
    await c.learner.call('send', 5, 10, path.port)
    const heard = await carried(c)
    const expected = Array.from({ length: 5 }, (_, index) => String(index).padEnd(10, '.'))
    c.expectEqual(
      heard.filter((text) => text !== 'ok'),
      expected,
      'what has arrived',
    )
    c.expectEqual([heard.filter((text) => text === 'ok').length, path.counts.carried], [5, 10], 'the answers')
  })
  expect(told(verdict)).toBe('passed')
})

test('two hundred large datagrams at once, and each has its fate', async () => {
  const verdict = await gradeText(PROGRAM, async (c) => {
    const path = await c.datagramPath(await c.learner.call<number>('listen'), { badness: BADNESS })
    for (let burst = 0; burst < 5; burst++) {
      await c.learner.call('send', 40, 1_000, path.port)
      await c.learner.idle()
    }
    const heard = await carried(c)
    const { lost, doubled, swapped, damaged } = path.counts
    const there = heard.filter((text) => text.length > 10).length
    // What is damaged may be cut to nothing.
    c.expect(there >= 170 && there <= 180, '180 datagrams', String(there))
    c.expect(
      lost >= 40 && doubled >= 20 && swapped >= 20 && damaged >= 10,
      'every fate',
      JSON.stringify(path.counts),
    )
    const numbers = heard.filter((text) => text.length > 10).map((text) => Number.parseInt(text, 10))
    c.expect(
      numbers.some((number, at) => number < (numbers[at - 1] ?? 0)),
      'some that were overtaken',
      'none',
    )
  })
  expect(told(verdict)).toBe('passed')
})

test('the ladder shows what was lost, and words in the place of bytes', async () => {
  const verdict = await gradeText(PROGRAM, async (c) => {
    const describe = (bytes: Buffer): string => `number ${Number.parseInt(bytes.toString(), 10)}`
    const badness = { ...CLEAN, lost: 1 }
    const path = await c.datagramPath(await c.learner.call<number>('listen'), { badness, describe })
    await c.learner.call('send', 1, 10, path.port)
    await carried(c)
    c.fail('', 'the end')
  })
  const { wire } = verdict as unknown as { wire: ReadonlyArray<Record<string, unknown>> }
  const texts = wire.map(({ text, bytes }) => text ?? String(bytes))
  expect(texts).toEqual(expect.arrayContaining(['✗ lost']))
})
