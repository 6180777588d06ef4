/** What clients, `close()` and the clock may do. Latin-1; WORD is another word each time. A line has at most 40 bytes. */
export type Opening = 'reads' | 'does not read' | 'resets at once' | 'is gone before it is accepted'
export type Step =
  | { readonly client: string; readonly opens: Opening }
  | { readonly client: string; readonly says: string }
  /** Long lines, until the system takes no more answers; for a client that does not read. */
  | { readonly client: string; readonly fills: true }
  | { readonly client: string; readonly reads: true }
  | { readonly client: string; readonly leaves: 'FIN' | 'RST' }
  | { readonly close: true }
  /** Virtual milliseconds. */
  | { readonly wait: number }

/** The states that every run visits. */
export function serverScripts(): Record<string, readonly Step[]> {
  return { ...lines(), ...limits(), ...leaving(), ...resets(), ...closing(), ...slow(), ...times() }
}

// --- internal ---

const HOUR = 3_600_000
const CLOSE: Step = { close: true }
const opens = (client: string, opening: Opening = 'reads'): Step => ({
  client,
  opens: opening,
})
const says = (text: string, client = 'ann'): Step => ({ client, says: text })
const fin = (client = 'ann'): Step => ({ client, leaves: 'FIN' })
const rst = (client = 'ann'): Step => ({ client, leaves: 'RST' })
const wait = (milliseconds: number): Step => ({ wait: milliseconds })
const LIMIT = 'x'.repeat(40)

function lines(): Record<string, readonly Step[]> {
  const many = Array.from({ length: 12 }, (_, index) => `client ${index + 1}`)
  return {
    'every byte but the line end': [opens('ann'), ...everyByte().map((line) => says(`${line}\n`))],
    'a zero byte in a line': [opens('ann'), says('a\0WORD\n\0\n')],
    'a byte order mark, and bytes that are no text': [opens('ann'), says('\xef\xbb\xbfWORD\n\xff\xfe\n')],
    'CR, then the FIN': [opens('ann'), says('WORD\r'), fin()],
    'CR inside a line, and two before the line end': [
      opens('ann'),
      says('a\rWORD\r\r\nb\r'),
      says('\n'),
      says('\r'),
      says('x\n'),
    ],
    'empty lines of both kinds': [opens('ann'), says('\n\r\n\n'), says('\r'), says('\n')],
    'lines in turns from two clients': [
      opens('ann'),
      opens('bob'),
      says('WO'),
      says('1', 'bob'),
      says('RD\n'),
      says('2\n3', 'bob'),
      says('x\n'),
      says('\n', 'bob'),
    ],
    'twelve clients at once': [
      ...many.map((name) => opens(name)),
      ...many.map((name) => says(`WORD of ${name}\n`, name)),
    ],
    'a client after one that left half a line': [
      opens('ann'),
      says('half'),
      fin(),
      opens('bob'),
      says('WORD\n', 'bob'),
    ],
    'a client after one that broke off in half a line': [
      opens('ann'),
      says('half'),
      rst(),
      opens('bob'),
      says('WORD\n', 'bob'),
    ],
  }
}

/** Forty bytes a line. */
function everyByte(): string[] {
  const bytes = Array.from({ length: 256 }, (_, value) => String.fromCharCode(value)).filter(
    (byte) => byte !== '\n',
  )
  return Array.from({ length: 7 }, (_, index) => bytes.slice(index * 40, index * 40 + 40).join(''))
    .filter((line) => line !== '')
    .map((line) => line.replace(/\r$/, ''))
}

function limits(): Record<string, readonly Step[]> {
  return {
    'the longest line, in two pieces, with CR LF in two more': [
      opens('ann'),
      says(LIMIT.slice(1)),
      says('x'),
      says('\r'),
      says('\n'),
    ],
    'one byte too long, when the longest had come': [opens('ann'), says(LIMIT), says('y')],
    'a CR behind the longest line that is no line end': [opens('ann'), says(`${LIMIT}\r`), says('y')],
    'too long behind a line that is due': [opens('ann'), says(`WORD\n${LIMIT}y\nWORD\n`)],
    'bytes, lines and a FIN behind a line that was too long': [
      opens('ann'),
      says(`${LIMIT}y`),
      says('\nWORD\n'),
      says('more\n'),
      fin(),
    ],
    'a second line that is too long, whole and in pieces, behind the first': [
      opens('ann'),
      says(`${LIMIT}y\n${LIMIT}z\nWORD\n`),
      says(`${LIMIT}y`),
      says('\n'),
      fin(),
    ],
    'an hour behind a line that was too long': [
      opens('ann'),
      says(`${LIMIT}y`),
      wait(HOUR),
      says('WORD\n'),
      fin(),
      CLOSE,
    ],
    'a line that is too long harms nobody else': [
      opens('ann'),
      opens('bob'),
      says('half', 'bob'),
      says(`${LIMIT}y`),
      says('WORD\n', 'bob'),
    ],
    'close() behind a line that was too long': [opens('ann'), says(`${LIMIT}y`), CLOSE, fin()],
  }
}

function leaving(): Record<string, readonly Step[]> {
  return {
    'a FIN and nothing else': [opens('ann'), fin()],
    'a FIN behind half a line': [opens('ann'), says('WORD\nhalf'), fin()],
    'one leaves, the other stays': [opens('ann'), opens('bob'), says('WORD\n'), fin(), says('x\n', 'bob')],
  }
}

function resets(): Record<string, readonly Step[]> {
  return {
    'a reset as soon as it is connected': [
      opens('bob'),
      opens('ann', 'resets at once'),
      says('WORD\n', 'bob'),
    ],
    'resets before they are accepted': [
      opens('bob'),
      opens('ann', 'is gone before it is accepted'),
      opens('cat', 'is gone before it is accepted'),
      says('WORD\n', 'bob'),
      CLOSE,
    ],
    'a reset in half a line, then close()': [
      opens('ann'),
      opens('bob'),
      says('half'),
      rst(),
      CLOSE,
      fin('bob'),
    ],
    'a reset behind a FIN of ours': [opens('ann'), opens('bob'), CLOSE, rst(), fin('bob')],
    'a reset behind its own FIN': [
      opens('ann'),
      opens('bob'),
      says('WORD\n'),
      fin(),
      says('x\n', 'bob'),
      CLOSE,
    ],
    'a reset behind a line that was too long': [
      opens('ann'),
      opens('bob'),
      says(`${LIMIT}y`),
      rst(),
      says('x\n', 'bob'),
      CLOSE,
    ],
  }
}

function closing(): Record<string, readonly Step[]> {
  return {
    'close() and nobody there': [CLOSE],
    'close() twice and nobody there': [CLOSE, CLOSE],
    'close() while a client is silent': [opens('ann'), CLOSE, fin()],
    'close() twice while a client is there': [
      opens('ann'),
      says('WORD\n'),
      CLOSE,
      CLOSE,
      says('x\n'),
      fin(),
      CLOSE,
    ],
    'close() in half a line': [opens('ann'), says('half'), CLOSE, says(' of it\nWORD\n'), fin()],
    'close() between CR and LF': [opens('ann'), says('WORD\r'), CLOSE, says('\n'), fin()],
    'close() after a client has left': [opens('ann'), fin(), CLOSE],
    'close() with one silent, one in half a line, one gone': [
      opens('ann'),
      opens('bob'),
      opens('cat'),
      says('half', 'bob'),
      rst('cat'),
      CLOSE,
      fin(),
      fin('bob'),
    ],
    'close(), and an hour passes before the client leaves': [
      opens('ann'),
      CLOSE,
      wait(HOUR),
      wait(HOUR),
      says('WORD\n'),
      fin(),
    ],
  }
}

function slow(): Record<string, readonly Step[]> {
  const full: Step[] = [opens('ann', 'does not read'), { client: 'ann', fills: true }]
  const reads: Step = { client: 'ann', reads: true }
  return {
    'a slow reader that takes an hour': [...full, wait(HOUR), reads],
    'a slow reader that has left, and close()': [...full, fin(), CLOSE, wait(HOUR), reads],
    'close() before a slow reader has left': [...full, CLOSE, fin(), reads],
    'a slow reader that has left breaks off': [
      opens('bob'),
      ...full,
      fin(),
      rst(),
      says('WORD\n', 'bob'),
      CLOSE,
    ],
    'a slow reader breaks off while others are served': [opens('bob'), ...full, rst(), says('WORD\n', 'bob')],
  }
}

function times(): Record<string, readonly Step[]> {
  return {
    'a client that is silent for an hour': [opens('ann'), wait(HOUR), says('WORD\n')],
    'an hour in half a line': [opens('ann'), says('WO'), wait(HOUR), says('RD\n')],
    'an hour before a FIN': [opens('ann'), says('WORD\n'), wait(HOUR), fin()],
  }
}
