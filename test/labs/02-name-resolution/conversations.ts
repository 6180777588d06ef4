import type { Conversations } from '../../../workbook/grading/conversation.ts'
import type { Random } from '../../../workbook/grading/random.ts'
import type { Rec, Reply } from './model.ts'
import { SCRIPTS } from './scripts.ts'
import { alias, ask, CLOSE, forged, OVER_UDP, reply, setup, wait, type Step } from './steps.ts'
import { play } from './talk.ts'

/** Conversations with a resolver: the grader is callers, servers, forgers and clocks. */
export const TALKS = {
  R7: talk('R7'),
  R8: talk('R8'),
  R10: talk('R10'),
  R11: talk('R11'),
  R12: talk('R12'),
  R13: talk('R13'),
  R14: talk('R14'),
  R15: talk('R15'),
  R16: talk('R16'),
  R17: talk('R17'),
  R18: talk('R18'),
  R19: talk('R19'),
}

// --- internal ---

function talk(requirement: keyof typeof SCRIPTS): Conversations<Step> {
  return { scripts: SCRIPTS[requirement], drawn: 1, draw, play }
}

function draw(random: Random): Step[] {
  const first = setup(random.integer(1, 3), random.integer(1, 3))
  const steps = Array.from({ length: 14 }, (_, index) => drawStep(random, index))
  return [first, ask('shop'), ...steps]
}

function drawStep(random: Random, index: number): Step {
  const kind = random.integer(0, 19)
  if (kind < 6)
    return ask(
      random.pick(['shop', 'www']),
      random.pick(['A', 'A', 'AAAA']),
      random.pick(['plain', 'upper', 'dot']),
    )
  if (kind < 12)
    return reply(drawReply(random, index), { to: random.integer(0, 2), pieces: random.integer(1, 3) })
  if (kind < 15) return { ...forged(random.pick(OVER_UDP)), to: random.integer(0, 2) }
  if (kind < 17) return wait(random.pick(['all', 'almost', 'half', 'a millisecond']))
  if (kind < 19) return { later: random.pick([1, 999, 1_000, 5_000, 20_000]) }
  return random.integer(0, 3) === 0 ? CLOSE : wait('half')
}

/** An empty name is the one that was asked for. Each alias is another one: nobody asks for it by itself. */
function drawReply(random: Random, index: number): Reply {
  const ttl = (): number => random.pick([0, 1, 5, 6, 20])
  const addresses = (of: string): Rec[] =>
    Array.from({ length: random.integer(1, 3) }, (_, address) => ({
      of,
      ttl: ttl(),
      address: address + index,
    }))
  return random.pick<() => Reply>([
    () => ({ records: addresses('') }),
    () => ({ records: addresses('') }),
    () => ({ records: [...addresses(`t${index}`), alias('', `t${index}`, ttl())] }),
    () => ({ records: [alias('', `t${index}`, ttl())] }),
    () => ({ code: random.pick([0, 3]), soa: [ttl(), ttl()] }),
    () => ({ code: random.pick([1, 2, 5]) }),
    () => 'nonsense',
    () => 'ended',
    () => ({ tc: true }),
  ])()
}
