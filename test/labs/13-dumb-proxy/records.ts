import type { Check } from '../../../workbook/grading/check.ts'

/**
 * Records for `explainHang`, as tables. A record is a line of events between parties of one letter:
 * `c?p:keep` is a request, `p!c` its answer, `p/c` a close, `p~c` silence, proven. What stands behind the
 * colon names a head. In each run the parties have other names.
 */

/** What passed between two neighbours of a chain. */
export type Hop = Readonly<{ from: string; to: string; kind: string; head?: string }>
export type Explanation = { readonly culprit: string; readonly header: string } | null

/** The record; the culprit, and what it relayed. */
export type Row = readonly [record: string, culprit: string | null, header?: string]

const CONNECTION = 'Connection'
const PROXY_CONNECTION = 'Proxy-Connection'
const VERSION = 'HTTP-version'

/** Version and fields of a request. */
const HEADS: Readonly<Record<string, readonly [version: string, ...fields: string[]]>> = {
  plain: ['1.0', 'Host: a.example'],
  keep: ['1.0', 'Connection: keep-alive'],
  listed: ['1.0', 'connection: x-ticket, Keep-Alive'],
  tight: ['1.0', 'CONNECTION:KEEP-ALIVE\t,x-ticket'],
  lines: ['1.0', 'Connection: x-ticket', 'Host: a.example', 'Connection: keep-alive'],
  proxy: ['1.0', 'Proxy-Connection: keep-alive'],
  proxyListed: ['1.0', 'PROXY-CONNECTION: x, Keep-Alive'],
  proxyLines: ['1.0', 'Proxy-Connection: x', 'proxy-connection: keep-alive'],
  new: ['1.1', 'Host: a.example'],
  newKeep: ['1.1', 'Host: a.example', 'Connection: keep-alive'],
  newProxy: ['1.1', 'Host: a.example', 'Proxy-Connection: keep-alive'],
  newClose: ['1.1', 'Host: a.example', 'Connection: close'],
  close: ['1.0', 'Connection: close'],
  longer: ['1.0', 'Connection: x-keep-alive, keep-alive-x, keep alive'],
  otherField: ['1.0', 'Keep-Alive: timeout=5', 'X-Connection: keep-alive', 'Connections: keep-alive'],
  mentions: ['1.0', 'X-Note: Connection: keep-alive', 'X-Log: GET / HTTP/1.1'],
  target: ['1.0', 'X-Connection: close'],
}

/** A chain of three, in which the second request is never answered. */
const hang = (asked: string, relayed = asked): string =>
  `c?p:${asked} p?o:${relayed} o!p p!c c?p:${asked} p~c`

export const PROMISES: readonly Row[] = [
  [hang('keep'), 'p', CONNECTION],
  [hang('listed'), 'p', CONNECTION],
  [hang('tight'), 'p', CONNECTION],
  [hang('lines'), 'p', CONNECTION],
  [hang('lines', 'listed'), 'p', CONNECTION],
  [hang('newKeep'), 'p', CONNECTION],
  [hang('newKeep', 'keep'), 'p', CONNECTION],
  [hang('proxy'), 'p', PROXY_CONNECTION],
  [hang('proxyListed'), 'p', PROXY_CONNECTION],
  [hang('proxyLines', 'proxy'), 'p', PROXY_CONNECTION],
  [hang('newProxy'), 'p', PROXY_CONNECTION],
  [hang('new'), 'p', VERSION],
  [hang('newClose'), 'p', VERSION],
  [hang('new', 'newClose'), 'p', VERSION],
  [hang('newKeep', 'new'), 'p', VERSION],
  [hang('new', 'newKeep'), 'p', VERSION],
  [hang('newProxy', 'newKeep'), 'p', VERSION],
  // The request that was relayed is the first of several, or came from another neighbour.
  ['c?p:keep p?o:keep o!p p!c c?p:plain p~c', 'p', CONNECTION],
  ['c?p:plain p?o:plain o!p p!c c?p:keep p?o:keep o!p p!c c?p:plain p~c', 'p', CONNECTION],
  ['d?p:keep p?o:keep o!p p!d c?p:plain p~c', 'p', CONNECTION],
  ['d?p:new p?o:new o!p p!d c?p:plain p~c', 'p', VERSION],
]

export const NO_PROMISES: readonly Row[] = [
  [hang('plain'), null],
  [hang('close'), null],
  [hang('longer'), null],
  [hang('otherField'), null],
  [hang('mentions'), null],
  [hang('target'), null],
  // It has translated the promise, or made it itself, or kept it to itself.
  [hang('proxy', 'keep'), null],
  [hang('keep', 'proxy'), null],
  [hang('plain', 'keep'), null],
  [hang('keep', 'plain'), null],
  [hang('new', 'plain'), null],
  [hang('plain', 'new'), null],
  [hang('new', 'keep'), null],
  // It was promised to somebody else on the way.
  ['c?p:keep p?o:plain o!p p!c o?x:keep x!o c?p:keep p~c', null],
  // Answers may hold the field as well: it is the requests that count.
  ['c?p:plain p?o:plain o!p:keep p!c:keep c?p:plain p~c', null],
  // Whoever has sent nothing has relayed nothing.
  ['c?p:new p?o:new o~p p~c', null],
  ['c?p:keep p?o:keep o~p p~c', null],
  ['c?o:keep o~c', null],
]

export const DEBTS: readonly Row[] = [
  // Two requests are two debts.
  ['c?p:keep p?o:keep o!p p!c c?p:keep c?p:keep p~c', 'p', CONNECTION],
  ['c?p:keep c?p:keep p?o:keep o!p p!c p~c', 'p', CONNECTION],
  ['c?p:keep c?p:keep p?o:keep p?o:keep o!p o!p p!c p!c p~c', null],
  ['c?p:keep p?o:keep o!p p!c c?p:keep p?o:keep o!p p!c p~c', null],
  // Each pays its own, and only to the one whom it owes.
  ['c?p:keep p?o:keep o!p p!c d?p:keep c?p:keep p!c p~d', 'p', CONNECTION],
  ['c?p:keep d?p:keep p?o:keep o!p p!c p~d', 'p', CONNECTION],
  ['c?p:keep d?p:keep p?o:keep o!p p!c p~c', null],
  // A close cancels all of them, whoever closes.
  [hang('keep').replace(' p~c', ' p/c p~c'), null],
  [hang('keep').replace(' p~c', ' c/p p~c'), null],
  [hang('keep').replace(' p~c', ' c?p:keep p/c p~c'), null],
  [hang('keep').replace(' p~c', ' c?p:keep c/p p~c'), null],
  ['c?p:keep p?o:keep o!p p!c p/c p~c', null],
  [`${hang('keep')} p/c`, null],
  // On another hop it cancels nothing, and behind it stands a new connection.
  [hang('keep').replace(' p~c', ' o/p p~c'), 'p', CONNECTION],
  [hang('keep').replace(' p~c', ' p/d p~c'), 'p', CONNECTION],
  ['c?p:keep p?o:keep o!p p!c p/c c?p:keep p~c', 'p', CONNECTION],
  ['c?p:keep p?o:keep c/p c?p:keep o!p p~c', 'p', CONNECTION],
]

export const SILENCES: readonly Row[] = [
  ['', null],
  ['p~c', null],
  ['c?p:keep', null],
  ['c?p:keep p?o:keep o!p p!c', null],
  ['c?p:keep p?o:keep o!p p!c p~c o~p', null],
  [hang('keep').replace(' p~c', ''), null],
  // It says that one of them sends nothing to the other, and nothing about anybody else.
  [hang('keep').replace('p~c', 'c~p'), null],
  [hang('keep').replace('p~c', 'p~o'), null],
  [hang('keep').replace('p~c', 'p~d'), null],
  [hang('keep').replace('p~c', 'o~c'), null],
  // Worth nothing once something else follows between the two.
  ['c?p:keep p?o:keep o!p p!c p~c c?p:keep', null],
  ['c?p:keep c?p:keep p?o:keep o!p p~c p!c', null],
  [`${hang('keep')} c?p:keep`, null],
  [`${hang('keep')} c?p:keep p~c`, 'p', CONNECTION],
  ['c?p:keep p?o:keep o!p p~c p!c c?p:keep p~c', 'p', CONNECTION],
  // What happens elsewhere takes nothing away, nor does another silence.
  [`${hang('keep')} o/p`, 'p', CONNECTION],
  [`${hang('keep')} d?p:keep p!d`, 'p', CONNECTION],
  [`${hang('keep')} d?c:keep c!d`, 'p', CONNECTION],
  [`${hang('keep')} p~c`, 'p', CONNECTION],
  [`${hang('keep')} c~p`, 'p', CONNECTION],
  [`${hang('keep')} o~p p~o`, 'p', CONNECTION],
  [hang('keep').replace('p~c', 'c~p p~c'), 'p', CONNECTION],
]

const ANSWERED_BY_FOUR = 'c?n:keep n?d:keep d?f:keep f?o:keep o!f f!d d!n n!c'
const TRANSLATED = 'c?n:proxy n?d:keep d?f:keep f?o:plain o!f f!d d!n n!c'

export const CULPRITS: readonly Row[] = [
  // Whoever waits for an answer itself is not the one, in whatever order the silences were seen.
  [`${ANSWERED_BY_FOUR} c?n:keep n~c`, 'n', CONNECTION],
  [`${ANSWERED_BY_FOUR} c?n:keep n?d:keep n~c d~n`, 'd', CONNECTION],
  [`${ANSWERED_BY_FOUR} c?n:keep n?d:keep d~n n~c`, 'd', CONNECTION],
  [`${ANSWERED_BY_FOUR} c?n:keep n?d:keep d?f:keep n~c d~n f~d`, 'f', CONNECTION],
  [`${ANSWERED_BY_FOUR} c?n:keep n?d:keep d?f:keep f~d d~n n~c`, 'f', CONNECTION],
  [`${TRANSLATED} c?n:proxy n?d:keep n~c d~n`, 'd', CONNECTION],
  [`${TRANSLATED} c?n:proxy n?d:keep d?f:keep n~c d~n f~d`, null],
  // An origin that takes its time, and a proxy whose neighbour is not proven silent.
  [`${ANSWERED_BY_FOUR} c?n:keep n?d:keep d?f:keep f?o:keep o~f f~d d~n n~c`, null],
  [`${ANSWERED_BY_FOUR} c?n:keep n?d:keep n~c`, null],
  // Two of them wait for nobody, and one has relayed nothing: whose silence was seen first does not matter.
  ['c?n:keep n?o:keep o!n n!c d?x:plain x~d c?n:keep n~c', 'n', CONNECTION],
  ['d?x:plain c?n:keep n?o:keep o!n n!c c?n:keep n~c x~d', 'n', CONNECTION],
  ['c?n:new n?o:new o!n n!c n?x:new d?x:plain x!n x~d c?n:new n~c', 'n', VERSION],
  // The debt to it was cancelled, so it waits for nobody any more.
  [`${ANSWERED_BY_FOUR} c?n:keep n?d:keep d/n n~c`, 'n', CONNECTION],
  // Waiting for its own answer, it does not matter whom it owes.
  ['c?p:keep p?o:keep o!p p!c c?p:keep d?p:keep p?o:keep p~c p~d', null],
]

/** Asks about all records of a table. */
export async function explainsAll(c: Check, rows: readonly Row[]): Promise<void> {
  const names = partyNames(c)
  for (const [text, culprit, header = ''] of rows) {
    const hops = recordFrom(c, text, names)
    await explains(c, hops, culprit === null ? null : { culprit: names(culprit), header })
  }
}

export async function explains(c: Check, hops: readonly Hop[], explanation: Explanation): Promise<void> {
  const told = await c.learner.call('explainHang', hops)
  const shown = shownOf(told)
  if (shown !== shownOf(explanation)) c.step(recordOf(hops))
  const wanted = shownOf(explanation)
  const why = explanation
    ? relayedBy(hops, explanation)
    : 'nobody who waits for no answer has relayed a promise'
  c.expect(shown === wanted, `what explainHang says of this record: ${wanted}: ${why}`, shown)
}

/** Each event with what it promises: heads are what the verdict turns on. */
export const recordOf = (hops: readonly Hop[]): string =>
  `the record: ${hops.map(eventOf).join(', ') || 'no event at all'}`

// --- internal ---

function shownOf(told: unknown): string {
  if (typeof told !== 'object' || told === null) return String(told)
  const { culprit, header } = told as { culprit?: unknown; header?: unknown }
  return `${String(culprit)} relayed ${String(header)}`
}

/** The promises of the request that the culprit received, and of the one that it sent. */
function relayedBy(hops: readonly Hop[], { culprit }: { readonly culprit: string }): string {
  const promised = (hop: Hop | undefined) => (hop ? `"${promisesOf(hop)}"` : 'nothing')
  const came = hops.findLast(
    (hop) => hop.kind === 'request' && hop.to === culprit && sentBy(hops, culprit, hop),
  )
  const sent = came && sentBy(hops, culprit, came)
  return `${culprit} got ${promised(came)}, and sent ${promised(sent)}`
}

function sentBy(hops: readonly Hop[], party: string, came: Hop): Hop | undefined {
  return hops.slice(hops.indexOf(came)).find((hop) => hop.kind === 'request' && hop.from === party)
}

function promisesOf({ head }: Hop): string {
  const [startLine = '', ...fields] = (head ?? '').split('\r\n')
  const promises = [
    / (HTTP\/1\.\d)$/.exec(startLine)?.[1],
    ...fields.filter((line) => /connection/i.test(line)),
  ]
  return promises.filter((promise) => promise !== undefined).join('; ')
}

function eventOf(hop: Hop): string {
  const { from, to, kind } = hop
  return `${kind} ${from} → ${to}${kind === 'request' ? ` (${promisesOf(hop)})` : ''}`
}

const KINDS: Readonly<Record<string, string>> = {
  '?': 'request',
  '!': 'response',
  '/': 'close',
  '~': 'silence',
}

function recordFrom(c: Check, text: string, names: (party: string) => string): Hop[] {
  return [...text.matchAll(/(\w)([?!/~])(\w)(?::(\w+))?/g)].map(([, from = '', sign = '', to = '', head]) => {
    const kind = KINDS[sign] ?? ''
    const between = { from: names(from), to: names(to), kind }
    if (kind === 'request') return { ...between, head: requestHead(c, head ?? 'plain') }
    if (kind === 'response') return { ...between, head: responseHead(head ?? 'plain') }
    return between
  })
}

/** A target may look like a version. */
function requestHead(c: Check, name: string): string {
  const [version = '', ...fields] = HEADS[name] ?? []
  const target = `/${c.random.word()}${name === 'target' ? '/HTTP/1.1' : ''}`
  return [`GET ${target} HTTP/${version}`, ...fields].join('\r\n')
}

function responseHead(name: string): string {
  const [version, ...fields] = HEADS[name] ?? ['1.0']
  return [`HTTP/${version} 200 OK`, 'Content-Length: 5', ...fields].join('\r\n')
}

/** One word for each letter, and no two alike. */
function partyNames(c: Check): (party: string) => string {
  const names = new Map<string, string>()
  return (party) => {
    const name = names.get(party) ?? `${party}-${c.random.word()}`
    names.set(party, name)
    return name
  }
}
