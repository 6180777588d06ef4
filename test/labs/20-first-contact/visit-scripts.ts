import type { Random } from '../../../workbook/grading/random.ts'
import type { Destination } from './visit-model.ts'
import type { VisitStep } from './visits.ts'

/** Journeys that every run makes. */

type Scripts = Readonly<Record<string, readonly VisitStep[]>>

const GRANTS: VisitStep = { grants: 4_096 }
const RESOLVES: VisitStep = { resolves: true }
const WHOLE: VisitStep = { answers: 'whole' }
const FIN: VisitStep = { ends: 'FIN' }
const RST: VisitStep = { ends: 'RST' }
const T1: VisitStep = { until: 'T1' }
const END: VisitStep = { until: 'end' }
const ACK: VisitStep = { renews: 'ack' }
const NAK: VisitStep = { renews: 'nak' }

const to = (
  scheme: Destination['scheme'],
  by: Destination['by'],
  more: Partial<Destination> = {},
): VisitStep => ({ to: { scheme, by, ...more } })
const journey = (start: VisitStep, ...steps: readonly VisitStep[]): readonly VisitStep[] => [
  start,
  GRANTS,
  RESOLVES,
  ...steps,
]

export const R20: Scripts = {
  'by name, over HTTP': journey(to('http', 'name'), WHOLE, FIN),
  'an answer of no bytes, as its length says': journey(to('http', 'name', { isEmpty: true }), WHOLE, FIN),
  'more bytes than the answer has': journey(to('http', 'name'), { answers: 'more' }, FIN),
  'an answer that goes on to the FIN': journey(to('http', 'name'), { answers: 'to the FIN' }, FIN),
}

export const R21: Scripts = {
  'by address, over HTTP': journey(to('http', 'address'), WHOLE, FIN),
  'by name and port': journey(to('http', 'name', { port: 8_080, target: '/?a=%20' }), WHOLE, FIN),
  'by a name that begins as an address does': journey(
    to('http', 'name', { isLikeAddress: true }),
    WHOLE,
    FIN,
  ),
  'by address and port': journey(to('http', 'address', { port: 8_081, target: '/' }), WHOLE, FIN),
}

export const R22: Scripts = {
  'by name, over HTTPS': journey(to('https', 'name'), WHOLE, FIN),
  'by address, over HTTPS': journey(to('https', 'address', { cert: 'name' })),
  'by address, and the certificate covers it': journey(to('https', 'address'), WHOLE, FIN),
  'a certificate for another name': journey(to('https', 'name', { cert: 'another name' })),
  'a certificate for the address alone': journey(to('https', 'name', { cert: 'address' })),
  'a certificate that has run out': journey(to('https', 'name', { cert: 'expired' })),
  'a certificate that nobody trusts': journey(to('https', 'name', { cert: 'untrusted' })),
  'a name that begins as an address does': journey(to('https', 'name', { isLikeAddress: true }), WHOLE, FIN),
  'another port': journey(to('https', 'name', { port: 8_443 }), WHOLE, FIN),
}

export const R23: Scripts = {
  'a name that does not exist': [to('http', 'name'), GRANTS, { resolves: 'ENOTFOUND' }],
  'no DNS server that can answer': [to('http', 'name'), GRANTS, { resolves: 'ESERVFAIL' }],
  'nobody listens': journey(to('http', 'name', { refuses: true })),
  'nobody listens, over HTTPS': journey(to('https', 'address', { refuses: true })),
  'half an answer, and FIN': journey(to('http', 'name'), { answers: 'half' }, FIN),
  'no answer, and FIN': journey(to('http', 'address'), FIN),
  'half an answer, and a reset': journey(to('http', 'address'), { answers: 'half' }, RST),
  'half an answer to the FIN, and a reset': journey(to('http', 'address'), { answers: 'to the FIN' }, RST),
  'a whole answer, and a reset': journey(to('http', 'name'), WHOLE, RST),
  'half an answer over HTTPS': journey(to('https', 'name'), { answers: 'half' }, FIN),
  'a reset over HTTPS': journey(to('https', 'name'), { answers: 'half' }, RST),
}

export const R24: Scripts = {
  'lost while the name is asked for': [to('http', 'name'), GRANTS, END],
  'lost in the handshake of TLS': journey(to('https', 'name', { silent: true }), END),
  'lost before the answer': journey(to('http', 'name'), END),
  'lost in the middle of the answer': journey(to('http', 'address'), { answers: 'half' }, END),
  'lost before the server has closed': journey(to('http', 'address'), WHOLE, END),
  'lost over HTTPS': journey(to('https', 'name'), { answers: 'half' }, END),
  'refused at the renewal': journey(to('http', 'address'), T1, NAK),
  'renewed, and whole': journey(to('http', 'address'), T1, ACK, WHOLE, T1, ACK, FIN),
}

export function drawVisit(random: Random): VisitStep[] {
  const start = to(random.pick(['http', 'http', 'https']), random.pick(['name', 'address']))
  const steps = Array.from({ length: 5 }, () =>
    random.pick([
      WHOLE,
      { answers: 'half' },
      { answers: 'to the FIN' },
      FIN,
      RST,
      T1,
      ACK,
      NAK,
      END,
    ] as const),
  )
  return [start, { grants: random.pick([1_024, 8_192]) }, RESOLVES, ...steps]
}
