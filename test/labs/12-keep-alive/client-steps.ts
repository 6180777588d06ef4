import type { Answer, Step, Wish } from './client-play.ts'

/** What callers and servers do, in the conversations with a client. */

export type Script = readonly Step[]

export const says = (...values: string[]) => ({ says: values.map((value) => ['Connection', value] as const) })
export const ECHO: Answer = { version: '1.0', ...says('keep-alive') }
export const asks = (...steps: Script): Script => [{ construct: 'default' }, ...steps]
export const asksOld = (...steps: Script): Script => [{ construct: '1.0' }, ...steps]
/** A request, and its whole answer. */
export const exchange = (answer: Answer = {}, wish: Wish = {}): Script => [
  { request: wish },
  { reply: { ...answer } },
]
/** Each answer is sent once: a new one each time. */
export const again = (): Script => exchange()
export const fin: Step = { server: 'fin' }
export const reset: Step = { server: 'reset' }
export const HOUR: Step = { milliseconds: 3_600_000 }
export const CLOSE: Step = { close: 'settles' }
export const LEAVES: Step = { close: 'leaves nothing' }

/** Each of these in a script of its own. */
export const each = <T>(
  name: string,
  all: readonly T[],
  script: (one: T) => Script,
): Record<string, Script> =>
  Object.fromEntries(
    all.map((one) => [`${name}: ${typeof one === 'string' ? one : JSON.stringify(one)}`, script(one)]),
  )

export const METHODS = ['GET', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']
/** Methods have case, and no method that begins with X is known to anybody. */
export const NOT_IDEMPOTENT = ['POST', 'PATCH', 'XBUY', 'get', 'Put', 'LINK']

/** An option in each way to write it. */
export const writingsOf = (option: string): string[][] => [
  [option],
  [option.toUpperCase()],
  [`other,${option}`],
  [`${option} , other`],
  [`one\t,\t${option}\t,two`],
  [`,, ${option}`],
  ['other', option],
  [option, 'other'],
]
export const nearly = (option: string): string[] => [
  `${option}-notify`,
  `not-${option}`,
  `${option}d`,
  `un${option}`,
]
