import type { Check } from '../../../workbook/grading/check.ts'
import type { Seen } from './ends.ts'
import type { End } from './model.ts'

/** Holds what a program has told of a pipe against its model. */

export interface Program {
  readonly opened: number
  readonly failed: string | null
  readonly seen: Seen | null
}

const FAILURES = { clean: null, reset: 'ECONNRESET', 'timed-out': 'ETIMEDOUT' } as const

/** Bytes that have come, in order, and an end that is not too early. */
export async function expectRead(c: Check, end: End, theirs: Buffer, seen: Seen): Promise<void> {
  await c.blame('R9', () => {
    const most = Math.min(seen.bytes.length, end.arrived)
    c.expectBytes(seen.bytes, theirs.subarray(0, most), 'what you have read')
  })
  if (seen.closed === 'timed-out' && end.ending !== 'timed-out')
    await c.blame(end.isHeldBack ? 'R6' : 'R8', () =>
      c.fail('a pipe that is not given up yet', '`closed` resolved with "timed-out"'),
    )
}

/** @param least - Bytes that have to be read by now. */
export async function compareProgram(
  c: Check,
  end: End,
  { opened, failed, seen }: Program,
  { least, isReading }: { readonly least: number; readonly isReading: boolean },
): Promise<void> {
  const handshake = end.role === 'opener' ? 'R3' : 'R4'
  await c.blame(handshake, () => c.expectEqual(opened, end.opened, 'the number of pipes that have opened'))
  if (end.role === 'opener') {
    const code = end.opened > 0 || !end.ending ? null : end.ending === 'reset' ? 'ECONNREFUSED' : 'ETIMEDOUT'
    await c.blame(code === 'ETIMEDOUT' ? 'R8' : 'R3', () =>
      c.expectEqual(failed, code, 'the code with which openPipe() rejected'),
    )
  }
  if (!seen) return
  const { length } = seen.bytes
  const { ending } = end
  const how = ending ?? seen.closed
  const whose = how === 'timed-out' ? 'R8' : how === 'reset' ? 'R12' : 'R11'
  const isBroken = (ending !== null && ending !== 'clean') || seen.ended !== null
  await c.blame(isBroken ? whose : 'R9', () => c.expect(length >= least, `${least} bytes read`, `${length}`))
  await c.blame(whose, () => c.expectEqual(seen.closed, ending, 'what `closed` has resolved with'))
  const code = end.finHasCome ? 'end' : ending && FAILURES[ending]
  const ended = isReading && end.unread === 0 ? code : null
  if (isReading || seen.ended === null)
    await c.blame(end.finHasCome ? 'R11' : whose, () =>
      c.expectEqual(seen.ended, ended, 'how reading has ended (`end` is null)'),
    )
}
