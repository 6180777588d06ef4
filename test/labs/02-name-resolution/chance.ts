import type { Check } from '../../../workbook/grading/check.ts'
import type { Came } from './servers.ts'
import { ask, found, reply, setup, wait, type Step } from './steps.ts'
import { begin, compare, end, take } from './talk.ts'

/** Ids and ports of many queries: nobody can guess the next one. */

const QUERIES = 48

type Way = 'one after the other' | 'at once' | 'in rounds'

const STEPS: Readonly<Record<Way, readonly Step[]>> = {
  // With a TTL of 0 each call asks anew.
  'one after the other': Array.from({ length: QUERIES }, () => [ask('shop'), reply(found('shop', 0))]).flat(),
  'at once': Array.from({ length: QUERIES }, (_, index) => ask(`shop${index}`)),
  'in rounds': [setup(3, QUERIES / 3), ask('shop'), ...Array.from({ length: QUERIES }, () => wait())],
}

export async function expectChance(c: Check, way: Way): Promise<void> {
  const came = await queriesOf(c, way)
  const ids = came.map(({ id }) => id)
  const told = ids.slice(0, 12).join(', ')
  const different = new Set(ids).size
  c.expect(
    different > QUERIES - 5,
    `${QUERIES} queries with ids that cannot be guessed`,
    `${different} different ids: ${told}, …`,
  )
  for (let bit = 0; bit < 16; bit++) {
    const set = ids.filter((id) => (id >> bit) & 1).length
    const saw = `bit ${bit} is set in ${set} of ${QUERIES}: ${told}, …`
    c.expect(set > 4 && set < QUERIES - 4, 'ids of 16 bits, each of them as likely 0 as 1', saw)
  }
  const differences = ids.slice(1).map((id, index) => (id - (ids[index] ?? 0)) & 0xffff)
  const isRegular = new Set(differences).size < QUERIES - 10
  c.expect(!isRegular, 'ids that do not tell the next one', `they go on by the same steps: ${told}, …`)
  const ports = new Set(came.map(({ port }) => port)).size
  const least = way === 'at once' ? QUERIES : QUERIES / 2
  c.expect(ports >= least, 'a port of its own for each query', `${ports} ports for ${QUERIES} queries`)
}

// --- internal ---

async function queriesOf(c: Check, way: Way): Promise<Came[]> {
  const talk = await begin(c, STEPS[way])
  const came: Came[] = []
  for (const step of STEPS[way]) {
    const requirement = await take(talk, step)
    if (requirement !== null) came.push(...(await compare(talk, requirement)))
  }
  await end(talk, 'R7')
  return came
}
