import type { Check, DatagramPeer } from '../../../workbook/grading/check.ts'
import type { Due, End } from './model.ts'
import { lengthOf, read, type Segment } from './segment.ts'

/** Holds what a program has shown against its model. */

/** What the grader's end knows of the wire. */
export interface Wire {
  readonly peer: DatagramPeer
  /** The learner's port, once it is known. */
  port: number | null
  /** The numbers on the wire that stand for number 0. */
  readonly firsts: { readonly own: number; readonly theirs: number }
  /** What the program writes. */
  readonly ours: Buffer
  /** The acknowledged number and the window that the peer was told last. */
  ack: number
  told: number | null
}

export function wire(peer: DatagramPeer, port: number | null, firsts: Wire['firsts'], ours: Buffer): Wire {
  return { peer, port, firsts, ours, ack: 0, told: null }
}

/** A segment with the numbers of the model. */
interface Sent extends Segment {
  readonly number: number
  readonly ack: number | null
}

/** @param unread - Bytes that the program had not read when this step began. */
export async function compareWire(
  c: Check,
  end: End,
  due: Due,
  wires: Wire,
  unread: number,
  reset?: object,
): Promise<void> {
  const sent = await takeSent(c, end, wires)
  if (due.answer === 'reset') {
    const stays = end.ending === 'clean' && sent.some(({ flags }) => !flags.includes('RST'))
    if (stays) await c.blame('R11', () => c.fail('RST: the time to stay is over', sent.map(told).join('; ')))
    return await c.blame('R12', () => expectReset(c, sent, reset))
  }
  const [stray] = sent.filter(({ flags }) => flags.includes('RST') && due.answer !== 'may')
  if (stray)
    await c.blame(due.requirement, () =>
      c.fail(
        end.state === 'OVER' || end.state === 'CLOSED' ? 'no answer' : 'no RST: this pipe is there',
        told(stray),
      ),
    )
  const rest = sent.filter(({ flags }) => !flags.includes('RST'))
  await expectNumbers(
    c,
    end,
    due,
    wires,
    rest.filter((segment) => lengthOf(segment) > 0),
  )
  await expectAnswers(c, end, due, rest)
  for (const segment of rest) await expectAcknowledgement(c, end, wires, segment)
  await expectTold(c, end, due, wires, rest.at(-1), unread)
}

// --- internal ---

async function takeSent(c: Check, end: End, wires: Wire): Promise<Sent[]> {
  const sent: Sent[] = []
  for (const { bytes, port } of wires.peer.takeAll()) {
    wires.port ??= port
    const segment = read(bytes)
    if (typeof segment === 'string') {
      await c.blame(segment.includes('checksum') ? 'R2' : 'R1', () =>
        c.fail('a segment as the page lays it out', segment),
      )
      continue
    }
    await c.blame('R1', () => {
      const ports = [segment.sourcePort, segment.destinationPort]
      c.expectEqual(ports, [port, wires.peer.port], 'the ports in the header')
    })
    const number = near(segment.sequence, wires.firsts.own, end.next)
    const ack = segment.flags.includes('ACK')
      ? near(segment.acknowledgement, wires.firsts.theirs, end.expected)
      : null
    sent.push({ ...segment, number, ack })
  }
  return sent
}

function near(onWire: number, first: number, number: number): number {
  return number + ((onWire - (first + number)) | 0)
}

function expectReset(c: Check, sent: readonly Sent[], expected: object = {}): void {
  const [first] = sent
  if (!first) return c.fail('RST: there is no such pipe', 'nothing')
  c.expect(
    sent.length === 1 && first.flags.includes('RST'),
    'RST, and nothing else',
    sent.map(told).join('; '),
  )
  const named: Record<string, unknown> = { ...first, flags: [...first.flags].sort() }
  for (const [name, value] of Object.entries(expected))
    c.expectEqual(named[name], value, `the ${name} of the RST`)
}

/** What takes numbers: for the first time, or again. */
async function expectNumbers(
  c: Check,
  end: End,
  due: Due,
  wires: Wire,
  sent: readonly Sent[],
): Promise<void> {
  let next = due.from
  const again = [...due.again]
  for (const segment of sent) {
    const length = lengthOf(segment)
    await expectContent(c, end, wires, segment)
    const repeat = again[0]
    if (repeat) {
      again.shift()
      await c.blame(repeat.requirement, () => {
        c.expectEqual(segment.number, repeat.at, 'the number that is sent again, counted from the SYN')
        c.expect(
          length <= repeat.most,
          `nothing more than has been sent, up to number ${repeat.at + repeat.most - 1}`,
          told(segment),
        )
      })
      next = Math.max(next, repeat.at + length)
      continue
    }
    const isNew = segment.number === next && next + length <= due.to
    const whose = end.reopened
      ? 'R6'
      : segment.number >= end.edge || segment.number + length > end.edge
        ? 'R6'
        : segment.number < next
          ? 'R7'
          : 'R5'
    const expected = due.to > next ? `numbers ${next} to ${due.to - 1} next` : 'nothing more'
    await c.blame(phase(end, whose, due), () =>
      c.expect(isNew, expected, `${told(segment)} with number ${segment.number}`),
    )
    next += length
  }
  const [missing] = again
  if (missing)
    await c.blame(missing.requirement, () =>
      c.fail(`number ${missing.at} again${missing.at === 0 ? ', which is the SYN' : ''}`, 'nothing'),
    )
  if (next < due.to) {
    const whose =
      end.ended && next >= end.end - 1
        ? 'R11'
        : end.edge < end.end || due.from < end.oldest
          ? 'R6'
          : due.requirement
    await c.blame(phase(end, whose === 'R9' || whose === 'R10' ? 'R6' : whose, due), () =>
      c.fail(`numbers up to ${due.to - 1}`, `nothing from ${next} on`),
    )
  }
}

/** Before a pipe is open, all is the handshake's. */
function phase(end: End, otherwise: string, due: Due): string {
  if (due.requirement === 'R7') return otherwise
  if (end.state === 'SYN-SENT') return 'R3'
  if (end.state === 'SYN-RECEIVED' || end.state === 'CLOSED') return 'R4'
  return end.state === 'OVER' && due.requirement === 'R8' ? 'R8' : otherwise
}

async function expectContent(c: Check, end: End, wires: Wire, segment: Sent): Promise<void> {
  const { number, payload, flags } = segment
  await c.blame('R5', () => {
    c.expect(payload.length <= end.options.mss, `segments of at most ${end.options.mss} bytes`, told(segment))
    if (payload.length === 0 || number < 1) return
    c.expectBytes(
      payload,
      wires.ours.subarray(number - 1, number - 1 + payload.length),
      `the bytes from number ${number} on`,
    )
  })
  const takes = payload.length
  if (flags.includes('FIN')) {
    await c.blame('R11', () => {
      c.expect(
        end.ended && number + takes === end.end - 1,
        'FIN behind the last byte, and not before you end',
        `${told(segment)} with number ${number}`,
      )
    })
  }
  const isFirst = number === 0 && end.role === 'opener' && end.expected === 0
  const opening = number === 0 ? (isFirst ? ['SYN'] : ['ACK', 'SYN']) : null
  const seen = [...flags].filter((flag) => flag !== 'FIN').sort()
  await c.blame(end.role === 'opener' ? 'R3' : 'R4', () =>
    c.expectEqual(seen, opening ?? ['ACK'], 'the flags'),
  )
}

async function expectAnswers(c: Check, end: End, due: Due, sent: readonly Sent[]): Promise<void> {
  const bare = sent.filter((segment) => lengthOf(segment) === 0)
  const acknowledging = sent.filter(({ ack }) => ack !== null)
  await c.blame(due.requirement, () => {
    if (due.answer === 'none')
      c.expect(
        bare.length === 0,
        end.state === 'OVER' ? 'nothing: this pipe is over' : 'no answer: nothing came that takes a number',
        bare.map(told).join('; '),
      )
    if (due.answer === 'some')
      c.expect(acknowledging.length > 0, `ACK ${end.expected}, counted from the SYN`, 'no answer')
  })
}

/** Numbers that have come in order, and nothing else. */
async function expectAcknowledgement(c: Check, end: End, wires: Wire, segment: Sent): Promise<void> {
  if (segment.ack === null) return
  const fits = segment.ack >= wires.ack && segment.ack <= end.expected
  const whose =
    end.fin <= segment.ack ? 'R11' : end.opened === 0 ? (end.role === 'opener' ? 'R3' : 'R4') : 'R9'
  await c.blame(whose, () =>
    c.expect(fits, `ACK ${end.expected}: that is what has come in order`, `ACK ${segment.ack}`),
  )
  wires.ack = segment.ack
}

async function expectTold(
  c: Check,
  end: End,
  due: Due,
  wires: Wire,
  last: Sent | undefined,
  unread: number,
): Promise<void> {
  if (last) {
    const whose = end.finHasCome && wires.ack < end.expected ? 'R11' : due.requirement
    if (last.ack !== null)
      await c.blame(whose === 'R5' ? 'R9' : whose, () =>
        c.expectEqual(last.ack, end.expected, 'the acknowledged number, counted from the SYN'),
      )
    wires.told = last.window
    const most = end.window
    const least = Math.min(most, end.options.windowBytes - Math.max(unread, end.unread))
    const expected = least === most ? `a window of ${most}` : `a window of ${least} to ${most}`
    await c.blame('R10', () =>
      c.expect(last.window >= least && last.window <= most, expected, `${last.window}`),
    )
  }
  const isStale = wires.told === 0 && end.window > 0 && end.isOpen && !end.finHasCome
  await c.blame('R10', () =>
    c.expect(!isStale, `a segment that tells the window of ${end.window}`, 'nothing: the peer was told 0'),
  )
}

function told({ flags, payload, ack }: Sent): string {
  const parts = [
    flags.join(' '),
    ack === null ? '' : `ack ${ack}`,
    payload.length > 0 ? `${payload.length} bytes` : '',
  ]
  return parts.filter((part) => part !== '').join(', ')
}
