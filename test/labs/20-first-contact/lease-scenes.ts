import type { Call, Check } from '../../../workbook/grading/check.ts'
import { begin, compare, end, take } from './lease-play.ts'
import { leased, wait } from './steps.ts'

/** Calls of a lease within one turn of the program: no wire lies between them. */

/** R14: whoever is told that the address is lost begins anew at once. */
export async function beginsWhenTold(c: Check): Promise<void> {
  let listener: object = {}
  const talk = await begin(c, async (tell) => (listener = await c.learner.make<object>('beginsAtLoss', tell)))
  await c.learner.make('listensFor', listener, talk.lease)
  for (const step of leased()) await compare(talk, (await take(talk, step)) ?? 'R6')
  const about = (await take(talk, wait('end'))) ?? 'R14'
  await c.learner.idle()
  const code = await c.learner.make<string | null>('codeOf', listener)
  c.expect(
    code === null,
    'begin() under way, called by whoever hears onChange(null)',
    `it has rejected with ${code}`,
  )
  talk.model.begin()
  await compare(talk, about)
  await end(talk, 'R14')
}

/** R15: each begin() has an end of its own. */
export async function beginsReleasesBegins(c: Check): Promise<void> {
  const { lan, lease } = await begin(c)
  const codes = async (): Promise<Array<string | null>> => await c.learner.make('codesOf', lease)
  await c.learner.make('beginsReleasesBegins', lease)
  await c.learner.idle()
  c.expectEqual(await codes(), ['ECANCELLED', null], 'how begin(), release() and begin() again have rejected')
  const third: Call<unknown> = lease.begin()
  c.expectEqual(
    (await third.rejects()).code,
    'EALREADY',
    'the code of a third begin(), while the second asks',
  )
  await lease.release()
  await c.learner.idle()
  c.expectEqual(await codes(), ['ECANCELLED', 'ECANCELLED'], 'the codes of both, behind release()')
  await c.learner.leavesNothing()
  lan.client = 0
}
