import type { Check } from '../../../workbook/grading/check.ts'
import type { Conversations } from '../../../workbook/grading/conversation.ts'
import type { Random } from '../../../workbook/grading/random.ts'
import { KEPT, NOT_KEPT, R6, R7, R8, R9 } from './connection-scripts.ts'
import { imagesIn } from './html-model.ts'
import { R2, R3, R4, R5 } from './page-scripts.ts'
import { playPage, type Step } from './play.ts'
import { ENDS, tag, type Scripts } from './script-words.ts'
import { PAGES } from './tables.ts'

/** Every script of lab 11 by its requirement, and what a server does when chance decides. */

function draw(random: Random): Step[] {
  const reuse = random.integer(0, 1) === 1
  const count = random.integer(2, 7)
  const pieces = Array.from({ length: count }, (_, index) =>
    random.pick([
      tag(index + 1),
      `<p>text ${tag(index + 1)}</p>`,
      `<!-- > ${tag(9)} -->${tag(index + 1)}<`,
      `${tag(1)}<IMG src=$${index + 1}>`,
    ]),
  )
  const load: Step = {
    load: random.integer(1, 6),
    ...(reuse && { reuse }),
    page: ['<p>', ...pieces, '<p>end</p>'],
  }
  return [load, ...Array.from({ length: random.integer(6, 12) }, () => drawStep(random))]
}

function drawStep(random: Random): Step {
  const which = random.integer(0, 5)
  return random.pick<() => Step>([
    () => ({ page: random.integer(1, 3) }),
    () => ({ page: 1 }),
    () => ({ answer: which }),
    () => ({ answer: which, cut: true }),
    () => ({ answer: which, ...random.pick([...KEPT, ...NOT_KEPT]) }),
    () => ({ part: which }),
    () => ({ lose: which, how: random.pick(ENDS) }),
    () => ({ lose: which, how: 'fin', behind: random.pick(['half a head', 'half a body'] as const) }),
    () => ({ refuse: random.integer(0, 2) === 0 }),
    () => ({ free: which, ends: random.pick(['fin', 'reset', 'bytes'] as const) }),
  ])()
}

/** Where events are not what is tried, nobody listens. */
const silent = (scripts: Scripts): Scripts =>
  Object.fromEntries(
    Object.entries(scripts).map(([name, steps]) => [
      name,
      steps.map((step) => ('load' in step ? { ...step, silent: true as const } : step)),
    ]),
  )

const conversations = (scripts: Scripts, drawn = 0): Conversations<Step> => ({
  scripts,
  ...(drawn > 0 && { draw, drawn }),
  play: playPage,
})

export const PAGE = {
  R2: conversations(silent(R2)),
  R3: conversations(R3, 1),
  R4: conversations(R4, 2),
  R5: conversations(silent(R5)),
  R6: conversations(R6, 2),
  R7: conversations(R7),
  R8: conversations(R8, 2),
  R9: conversations(R9, 1),
}

/** Pages as text: each row, and the row without its last letter, and cut somewhere. */
export const TEXTS: Conversations<string> = {
  scripts: PAGES,
  async play(c, rows) {
    const [one, other] = [`/${c.random.word()}-a`, `/${c.random.word()}-B`]
    const named = rows.map((row) =>
      row.replaceAll('$a', one).replaceAll('$b', other).replaceAll('$A', one.toUpperCase()),
    )
    const pages = named.flatMap((html) => [
      html,
      html.slice(0, -1),
      html.slice(0, c.random.integer(0, html.length)),
    ])
    for (const html of pages) await expectTargets(c, html)
  },
}

export async function expectTargets(c: Check, html: string): Promise<void> {
  const seen = await c.learner.call('imageTargets', html)
  c.expectEqual(seen, imagesIn(html), `imageTargets(${inAscii(html)})`)
}

/** A no-break space looks like a space: what is not ASCII is told by its number. */
function inAscii(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[^ -~]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
