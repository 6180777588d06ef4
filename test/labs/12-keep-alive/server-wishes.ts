import type { Wish } from './server-asks.ts'
import type { Talk } from './server-steps.ts'

/** What clients ask for, in the conversations with a server. */

export const WAITS: Wish = { handler: 'waits' }
export const OLD: Wish = { version: '1.0' }
export const KEPT: Wish = { version: '1.0', says: ['Connection: keep-alive'] }
export const LAST: Wish = { says: ['Connection: close'] }
/** More than both kernels take while the client does not read. */
export const HUGE: Wish = { size: 8_000_000 }

const capital = (option: string): string => option.replace(/(^|-)[a-z]/g, (letters) => letters.toUpperCase())

/** An option in each way to write it: its case, its place in a list, the space around it, its line. */
export const writingsOf = (option: string): string[][] => [
  [`Connection: ${option}`],
  [`connection:${capital(option)}`],
  [`CONNECTION: ${option.toUpperCase()}`],
  [`Connection: other,${option}`],
  [`Connection: ${option},other`],
  [`Connection: one, ${capital(option)} , two`],
  [`Connection: one\t,\t${option}\t,two`],
  [`Connection: ,, ${option}`],
  [`Connection: ${capital(option)},,`],
  ['Connection: other', `CONNECTION: ${option}`],
  [`Connection: ${option}`, 'connection: other'],
  ['Connection: one', `Connection: two,${option}`, 'Connection: three'],
]

/** Options that only contain the word: as their beginning, their end, or somewhere inside. */
export const nearly = (option: string): string[][] =>
  [
    `${option}-notify`,
    `not-${option}`,
    `${option}d`,
    `un${option}`,
    `x${option}x`,
    `${option} d`,
    `"${option}"`,
  ].map((near) => [`Connection: ${near}`])

/** Each wish on a connection of its own that has been used before, in one way. */
export const eachBehind = (first: Wish, wishes: readonly Wish[]) => (t: Talk) => {
  for (const wish of wishes) {
    const client = t.sent(t.ask(first))
    t.send(client, t.ask(wish))
  }
}

export const eachFirst = (wishes: readonly Wish[]) => (t: Talk) => {
  for (const wish of wishes) t.sent(t.ask(wish))
}

export const inARow =
  (...wishes: readonly Wish[]) =>
  (t: Talk) => {
    const client = t.connect()
    for (const wish of wishes) t.send(client, t.ask(wish))
  }

export const spoken = ({ version = '1.1', says = [], framing = 'none' }: Wish): string =>
  [`HTTP/${version}`, ...says, ...(framing === 'none' ? [] : [`a body with ${framing}`])].join(', ')

export const asksOf = (t: Talk, ...wishes: readonly Wish[]): Wish[] => wishes.map((wish) => t.ask(wish))
