import type { Call, Check, Connection } from '../../../workbook/grading/check.ts'
import type { Conversations } from '../../../workbook/grading/conversation.ts'
import { allIn } from './messages.ts'
import { uploadShows, type UploadAnswer } from './model.ts'
import { saysClose } from './scenes.ts'

/** Conversations with `refuseUpload`: two clients, and what each has been told by now. */

type Step =
  /** `MAX` and `MAX+1` are numbers, `BODY` is as many bytes as the limit, `HALF` is half of them. */
  | { readonly client: number; readonly says: string }
  | { readonly client: number; readonly does: 'FIN' | 'RST' }
  | { readonly does: 'close()' | 'all but a millisecond' | 'a millisecond' | 'an hour' }

const says = (text: string, client = 0): Step => ({ client, says: text })
const fin = (client = 0): Step => ({ client, does: 'FIN' })
const rst = (client = 0): Step => ({ client, does: 'RST' })
const CLOSE: Step = { does: 'close()' }
const ALMOST: Step = { does: 'all but a millisecond' }
const ONE: Step = { does: 'a millisecond' }
const HOUR: Step = { does: 'an hour' }
const head = (length: string, name = 'Content-Length'): string =>
  `POST /u HTTP/1.1\r\nHost: a.example\r\n${name}: ${length}\r\n\r\n`

type Group = 'R8' | 'R9' | 'R10'

export const UPLOADS: Readonly<Record<Group, Conversations<Step>>> = {
  R9: {
    scripts: {
      ...rows({
        'exactly maxBytes': `${head('MAX')}BODY`,
        'a byte less': `${head('MAX-1')}BODY`,
        'a byte more than maxBytes': head('MAX+1'),
        'a byte more, whole at once': `${head('MAX+1')}BODY+`,
        'no byte': head('0'),
        'a length of 30 digits': head('9'.repeat(30)),
        'a field name in other letters': `${head('MAX', 'cONTENT-lENGTH')}BODY`,
        'a field name in other letters, too long': head('MAX+1', 'content-length'),
        'a length with zeros in front': `${head('000000000000MAX')}BODY`,
        'a length with zeros in front, too long': head('000000000000MAX+1'),
        'more behind the body': `${head('MAX')}BODYand more, which is no request`,
        'a second upload behind the first': `${head('MAX')}BODY${head('MAX')}BODY`,
        'a length that is no number': `${head('abc')}BODY`,
        'two lengths in one field': `${head('5, 7')}BODY`,
        'digits, and a letter': `${head('5x')}BODY`,
      }),
      'two clients, piece by piece': [
        says('POST /u HTTP/1.1\r\nHost: a\r\nContent-Le'),
        says('PUT /v HTTP/1.1\r\nHost: a\r\nContent-Length: MAX\r\n', 1),
        HOUR,
        says('ngth: MAX\r\n\r'),
        says('\r\n', 1),
        says('\nHALF'),
        says('HALF', 1),
        HOUR,
        says('HALF'),
        says('HALF', 1),
      ],
      'the client ends before its upload is whole': [says(head('MAX')), says('HALF'), fin()],
      'the client ends within the head': [says('POST /u HT'), fin(), fin(1)],
      'the client ends right behind its upload': [says(`${head('MAX')}BODY`), fin()],
      'the client resets, and another one goes on': [
        says(head('MAX')),
        says(head('MAX'), 1),
        rst(),
        says('BODY', 1),
        fin(1),
      ],
      'a long upload goes on behind its 413': [says(head('MAX+1')), says('BODY+'), says('BODY+'), fin()],
    },
    drawn: 0,
    play,
  },
  R10: {
    scripts: {
      'a client that stays behind its 200': [says(`${head('MAX')}BODY`), ALMOST, says('more'), CLOSE, ONE],
      'a client that stays behind its 413': [
        says(head('MAX+1')),
        CLOSE,
        says('BODY'),
        ALMOST,
        says('BODY'),
        ONE,
      ],
      'two clients, one behind the other': [
        says(head('MAX+1')),
        says(head('MAX+1'), 1),
        ALMOST,
        fin(1),
        CLOSE,
        ONE,
      ],
    },
    drawn: 0,
    play,
  },
  R8: {
    scripts: {
      'close() on silent connections': [CLOSE, ALMOST, fin(1), ONE],
      'close() within a head and a body': [
        says('POST /u HTTP/1.1\r\nHost: a\r\nContent-Length: MAX'),
        says(`${head('MAX')}HALF`, 1),
        CLOSE,
        HOUR,
        says('HALF', 1),
        says('\r\n\r\nBODY'),
        CLOSE,
        fin(),
        fin(1),
      ],
      'close() within an upload that never comes whole': [
        says(`${head('MAX')}HALF`),
        fin(1),
        CLOSE,
        HOUR,
        fin(),
      ],
    },
    drawn: 0,
    play,
  },
}

/** Half of the rows each on a client of its own; every one has its end proven. */
function rows(texts: Readonly<Record<string, string>>): Record<string, readonly Step[]> {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, [says(text), fin()]]))
}

// --- internal ---

interface Client {
  readonly name: string
  readonly wire: Connection
  said: Buffer
  ended: 'no' | 'FIN' | 'RST'
  finAt: number | null
}

interface Talk {
  readonly clients: readonly Client[]
  readonly maxBytes: number
  readonly timeoutMs: number
  readonly close: () => Call<void>
  readonly closings: Call<void>[]
  /** Who had said nothing yet at `close()`. */
  silent: ReadonlySet<Client>
  now: number
}

async function play(check: Check, steps: readonly Step[]): Promise<void> {
  check.learner.holdClock()
  const [maxBytes, timeoutMs] = [2 * check.random.integer(20, 400), check.random.integer(2, 400)]
  const server = await check.learner.serve('refuseUpload', { maxBytes, timeoutMs })
  const needed = steps.some((step) => 'client' in step && step.client === 1) ? [0, 1] : [0]
  const clients: Client[] = []
  for (const id of needed) {
    const wire = await check.connect(server.port, { name: `client ${id + 1}` })
    clients.push({ name: `client ${id + 1}`, wire, said: Buffer.alloc(0), ended: 'no', finAt: null })
  }
  // Accepted, and not only connected: what close() finds in the backlog is reset.
  await check.learner.idle()
  const talk: Talk = {
    clients,
    maxBytes,
    timeoutMs,
    close: () => server.close(),
    closings: [],
    silent: new Set(),
    now: 0,
  }
  const body = check.random.word().repeat(200)
  for (const step of steps) await takeAndCompare(check, talk, step, body)
  if (talk.closings.length === 0) await takeAndCompare(check, talk, CLOSE, body)
  for (const { name } of clients) await takeAndCompare(check, talk, fin(Number(name.at(-1)) - 1), body)
  await check.learner.leavesNothing()
}

async function takeAndCompare(check: Check, talk: Talk, step: Step, body: string): Promise<void> {
  if (!('client' in step)) await takeForAll(check, talk, step.does)
  else {
    const client = talk.clients[step.client]
    if (!client || client.ended !== 'no' || isGone(talk, client)) return
    if ('says' in step) {
      const bytes = Buffer.from(bytesOf(step.says, talk.maxBytes, body))
      client.said = Buffer.concat([client.said, bytes])
      await client.wire.send(bytes)
    } else {
      client.ended = step.does
      await (step.does === 'FIN' ? client.wire.fin() : client.wire.reset())
    }
  }
  await check.learner.idle()
  for (const client of talk.clients) if (client.ended !== 'RST') await compare(check, talk, client)
  await compareClosings(check, talk)
}

function bytesOf(text: string, maxBytes: number, body: string): string {
  return text
    .replaceAll('BODY+', () => body.slice(0, maxBytes + 1))
    .replaceAll('BODY', () => body.slice(0, maxBytes))
    .replaceAll('HALF', () => body.slice(0, maxBytes / 2))
    .replaceAll('MAX+1', () => String(maxBytes + 1))
    .replaceAll('MAX-1', () => String(maxBytes - 1))
    .replaceAll('MAX', () => String(maxBytes))
}

async function takeForAll(
  check: Check,
  talk: Talk,
  does: Extract<Step, { does: unknown }>['does'],
): Promise<void> {
  if (does === 'close()') {
    if (talk.closings.length === 0)
      talk.silent = new Set(talk.clients.filter(({ said }) => said.length === 0))
    talk.closings.push(talk.close())
    return
  }
  const by = does === 'an hour' ? 3_600_000 : does === 'a millisecond' ? 1 : talk.timeoutMs - 1
  await check.learner.tick(by)
  talk.now += by
}

function shown(talk: Talk, client: Client): UploadAnswer {
  const [hasEnded, wasSilent] = [client.ended === 'FIN', talk.silent.has(client)]
  return uploadShows(client.said, talk.maxBytes, { hasEnded, wasSilent })
}

/** Both FINs are through, it was reset, or the time behind our FIN is up. */
function isGone(talk: Talk, { ended, finAt }: Client): boolean {
  return ended === 'RST' || (finAt !== null && (ended === 'FIN' || talk.now >= finAt + talk.timeoutMs))
}

async function compare(check: Check, talk: Talk, client: Client): Promise<void> {
  const wanted = shown(talk, client)
  const [answer, ...more] = allIn(client.wire.received)
  const saw = answer ? `${answer.status} "${answer.body.toString('latin1', 0, 60)}"` : 'no answer'
  await check.blame(talk.closings.length > 0 ? 'R8' : 'R9', () => {
    if (wanted.is === 'no 200') {
      const expected = `no 200 to ${client.name}: its Content-Length is no number`
      return check.expect(answer?.status !== '200', expected, saw)
    }
    if (wanted.is === 'none') {
      // Whoever ends too early may be told so.
      const isRight = wanted.end === 'FIN' ? answer?.status !== '200' : answer === undefined
      check.expect(
        isRight,
        `no ${wanted.end === 'FIN' ? '200' : 'answer'} to ${client.name}: ${wanted.why}`,
        saw,
      )
    } else {
      const isRight = answer?.status === String(wanted.status) && more.length === 0
      const expected = `${wanted.status} for ${client.name}, once: ${wanted.why}`
      check.expect(isRight, expected, more.length > 0 ? `${more.length + 1} answers` : saw)
      if (wanted.body !== null)
        check.expectBytes(answer?.body ?? '', wanted.body, 'the body, which tells the length')
      if (answer) check.expect(saysClose(answer), 'Connection: close in the answer', 'an answer without it')
    }
    const end = wanted.is === 'none' ? wanted.end : 'FIN'
    const told = `${end === 'FIN' ? 'FIN' : 'no end of yours'} to ${client.name}`
    check.expect(client.wire.ended === end, told, client.wire.ended === 'open' ? 'none' : client.wire.ended)
  })
  if (client.wire.ended !== 'open') client.finAt ??= talk.now
}

async function compareClosings(check: Check, talk: Talk): Promise<void> {
  const left = talk.clients.filter((client) => !isGone(talk, client)).map(({ name }) => name)
  const isLate = talk.clients.some(({ finAt, ended }) => ended === 'no' && finAt !== null)
  await check.blame(isLate && left.length === 0 ? 'R10' : 'R8', () => {
    for (const [index, { outcome }] of talk.closings.entries()) {
      const which = `close()${index > 0 ? ', called again,' : ''}`
      const saw =
        outcome === null ? 'it is pending' : outcome.ok ? 'it has settled already' : 'it has rejected'
      if (left.length > 0)
        check.expect(outcome === null, `${which} pending: ${left.join(' and ')} is not gone`, saw)
      else check.expect(outcome?.ok === true, `${which} settled: every connection is gone`, saw)
    }
  })
}
