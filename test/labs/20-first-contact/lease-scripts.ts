import type { Random } from '../../../workbook/grading/random.ts'
import { FOREVER } from './model.ts'
import {
  ack,
  ackThen,
  BEGIN,
  dice,
  DUE,
  FAULTS,
  forged,
  leased,
  nak,
  offer,
  RELEASE,
  wait,
  type Script,
  type Scripts,
  type Step,
} from './steps.ts'

/** The states of a lease that every run visits. */

const DAY = 86_400
const times = (count: number, script: Script): Script => Array.from({ length: count }, () => script).flat()
const others = FAULTS.filter((fault) => fault !== 'an earlier xid')
/** An OFFER that says that it is an ACK is one, where an ACK is waited for. */
const nowhereRight = others.filter((fault) => fault !== 'another type')

export const R6: Scripts = {
  'of two offers the first is taken': [
    BEGIN,
    offer({ address: 1 }, 1),
    offer({ address: 2 }),
    ack({ address: 1 }, 1),
    { inUse: false },
  ],
  'an ACK says what counts': [BEGIN, offer(), ...ackThen(false, { address: 5, seconds: 8_192 })],
  'an ACK that says nothing more': leased({ bare: true }),
  'an ACK that says less than the OFFER': [BEGIN, offer(), ...ackThen(false, { bare: true })],
  'a lease, its release, and another one': [
    dice(3),
    ...leased(),
    RELEASE,
    dice(12),
    ...leased({ address: 6 }),
  ],
}

export const R7: Scripts = {
  'what is no offer': [
    BEGIN,
    ...others.map((fault) => forged('offer', fault)),
    ...DUE,
    offer(),
    ...ackThen(false),
  ],
  'what is no ACK': [
    BEGIN,
    offer(),
    ...others.map((fault) => forged('ack', fault)),
    ack({}, 1),
    offer(),
    ...DUE,
    ...ackThen(false),
  ],
  'what is no ACK to a renewal': [
    ...leased(),
    wait(),
    ...(['no address', 'no time', 'a short time', 'no server', 'another mac'] as const).map((fault) =>
      forged('ack', fault),
    ),
    ...DUE,
    ack(),
  ],
  'what is no NAK': [
    BEGIN,
    offer(),
    nak(1),
    ...(['another xid', 'another mac', 'from a client', 'no server', 'no bytes'] as const).map((fault) =>
      forged('nak', fault),
    ),
    ...DUE,
    ...ackThen(false),
  ],
  'an ACK and a NAK before anybody has asked': [BEGIN, ack(), nak(), ...DUE, offer(), ...ackThen(false)],
}

export const R8: Scripts = {
  'nobody answers DISCOVER': [BEGIN, ...times(5, DUE)],
  'nobody answers REQUEST': [BEGIN, offer(), ...times(4, DUE), ...DUE, offer(), ...ackThen(false)],
  'each wait is drawn for itself': [dice(3), BEGIN, dice(14), ...DUE, dice(6), ...times(2, DUE)],
  'a second less': [dice(1), BEGIN, ...times(2, DUE), offer(), ...DUE],
  'a second more': [dice(15), BEGIN, ...times(2, DUE), offer(), ...DUE, ...ackThen(false)],
  'it is given up, and tried again': [BEGIN, ...times(5, [wait()]), wait(70_000), dice(5), ...leased()],
}

export const R9: Scripts = {
  'NAK, and the answers to what was before': [
    dice(3),
    BEGIN,
    wait(),
    offer(),
    dice(9),
    nak(),
    forged('offer', 'an earlier xid'),
    ...DUE,
    offer({ address: 7 }),
    forged('ack', 'an earlier xid'),
    ...ackThen(false, { address: 7 }),
  ],
  'NAK five times': [BEGIN, ...times(5, [offer(), nak()])],
  'NAK four times': [BEGIN, ...times(4, [offer(), nak()]), offer(), ...ackThen(false)],
  'three refusals, twice': [
    ...times(2, [BEGIN, ...times(3, [offer(), nak()]), offer(), ...ackThen(false), RELEASE]),
  ],
}

export const R10: Scripts = {
  'an address that somebody has': [
    dice(2),
    BEGIN,
    offer(),
    dice(11),
    ...ackThen(true),
    offer(),
    ...DUE,
    offer({ address: 4 }),
    ...ackThen(false, { address: 4 }),
  ],
  'nothing happens before it is known': [BEGIN, offer(), ack(), wait(100_000), { inUse: false }],
}

export const R11: Scripts = {
  'renewed twice': [
    dice(4),
    ...leased(),
    dice(6),
    ...DUE,
    ack(),
    dice(13),
    ...DUE,
    ack({ seconds: 8_192 }),
    ...DUE,
  ],
  'times that the server names': [
    ...leased({ t1: 512, t2: 1_024 }),
    ...DUE,
    ack({ t1: 256, t2: 3_072 }),
    ...DUE,
  ],
  'a time that has no half in seconds': [...leased({ seconds: 4_097 }), ...DUE],
  'T1 alone': [...leased({ t1: 1_000 }), ...DUE],
  'T1 behind T2': [...leased({ t1: 2_048, t2: 1_024 }), ...DUE],
  'T2 behind the end': [...leased({ t1: 1_024, t2: 5_000 }), ...DUE],
  'an ACK that took a while': [
    BEGIN,
    wait(),
    offer(),
    wait(1_000),
    ...ackThen(false),
    ...DUE,
    wait(20_000),
    ack(),
    ...DUE,
  ],
  'a REQUEST that was sent twice': [BEGIN, offer(), wait(), wait(500), ...ackThen(false), ...DUE],
  'another server answers': [
    ...leased(),
    wait(),
    ack({ address: 8 }, 1),
    nak(1),
    forged('ack', 'no server'),
    forged('ack', 'another mac'),
    wait('almost'),
    ack(),
  ],
}

export const R12: Scripts = {
  'another server grants it': [
    ...leased(),
    wait('almost T2'),
    wait('a millisecond'),
    ack({}, 1),
    ...DUE,
    ack({}, 0),
    ack({}, 1),
  ],
  'its own server grants it late': [...leased(), wait('T2'), wait(5_000), ack(), ...DUE],
  'the same REQUEST, whatever random() says': [
    dice(4),
    ...leased(),
    dice(6),
    wait(),
    dice(13),
    wait('T2'),
    ack({}, 1),
  ],
  'another server refuses': [...leased(), wait('T2'), nak(1)],
  'another server grants it for so short that half of it is over': [
    ...leased({ seconds: 8_192 }),
    wait('T2'),
    ack({ seconds: 4_096 }, 1),
    ...DUE,
  ],
}

export const R13: Scripts = {
  'from T1 to the end': [...leased({ seconds: 1_024 }), ...times(7, DUE)],
  'a lease of a few minutes': [...leased({ seconds: 240 }), ...times(3, DUE)],
}

export const R14: Scripts = {
  'the end of the lease': [
    ...leased(),
    wait('almost the end'),
    wait('a millisecond'),
    ack(),
    wait(5_000_000),
    dice(7),
    ...leased(),
  ],
  'NAK to the renewal': [...leased(), wait(), nak(), wait(5_000_000)],
  'for ever': [...leased({ seconds: FOREVER }), wait(40 * DAY * 1_000)],
  'for ever, and times all the same': [...leased({ seconds: FOREVER, t1: 512, t2: 1_024 }), wait(2_000_000)],
  'half a year': [...leased({ seconds: 180 * DAY }), ...DUE],
  'two years, and silence behind T1': [
    ...leased({ seconds: 730 * DAY }),
    ...times(3, DUE),
    wait('T2'),
    ...times(2, DUE),
  ],
  'sixty days': [...leased({ seconds: 60 * DAY }), ...DUE, ack({ seconds: 60 * DAY }), ...DUE],
}

export const R15: Scripts = {
  'released, and released again': [...leased(), wait(100_000), RELEASE, RELEASE, wait(5_000_000)],
  'nothing to release': [RELEASE],
  'while DISCOVER waits': [BEGIN, wait('half'), RELEASE, wait(10_000)],
  'while REQUEST waits': [BEGIN, offer(), RELEASE, ack(), wait(10_000)],
  'while somebody is asked about the address': [BEGIN, offer(), ack(), RELEASE],
  'behind DECLINE': [BEGIN, offer(), ...ackThen(true), RELEASE, wait(20_000)],
  'while it is renewed': [...leased(), wait(), RELEASE, wait(5_000_000)],
  'granted by another server': [...leased(), wait('T2'), ack({}, 1), RELEASE],
  'begun twice': [BEGIN, BEGIN, offer(), ...ackThen(false), BEGIN, RELEASE, dice(14), ...leased()],
}

export function draw(random: Random): Step[] {
  const server = (): number => random.integer(0, 1)
  const grant = () => ({ address: random.integer(1, 8), seconds: random.pick([1_024, 4_096, 8_192]) })
  const steps = Array.from({ length: 12 }, (): Step[] => {
    const kind = random.integer(0, 11)
    if (kind < 3)
      return [offer(grant(), server()), ack(grant(), server()), { inUse: random.integer(0, 4) === 0 }]
    if (kind < 5) return [ack(grant(), server()), { inUse: false }]
    if (kind === 5) return [nak(server())]
    if (kind === 6) return [forged(random.pick(['offer', 'ack']), random.pick(nowhereRight))]
    if (kind < 10) return [wait(random.pick(['all', 'almost', 'half', 'a millisecond', 'T2', 'end']))]
    if (kind === 10) return [dice(random.integer(1, 15))]
    return random.integer(0, 2) === 0 ? [RELEASE, BEGIN] : [wait()]
  })
  return [BEGIN, offer(grant()), ...steps.flat()]
}
