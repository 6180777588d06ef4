import net from 'node:net'
import { performance as moduleClock } from 'node:perf_hooks'
import timers from 'node:timers'
import timersPromises from 'node:timers/promises'
import { promisify } from 'node:util'

/** A learner's program for tests of virtual time: each way to wait writes down when it went on. */

const log: string[] = []
const started = Date.now()

const note = (what: string): void => void log.push(`${what} ${Date.now() - started}`)
const noting = (what: string) => (): void => note(what)
const failure = (error: Error & { code?: unknown }): void => note(`${error.name} ${String(error.code)}`)

export const ways: Readonly<Record<string, () => unknown>> = {
  setTimeout: () => setTimeout(noting('fired'), 100),
  withArguments: () => setTimeout((a: string, b: string) => note(a + b), 100, 'a', 'b'),
  delayAsText: () => setTimeout(noting('fired'), '100' as unknown as number),
  delayWithFraction: () => setTimeout(noting('fired'), 100.9),
  delayTooLong: () => setTimeout(noting('fired'), 2 ** 31),
  delayNegative: () => setTimeout(noting('fired'), -5),
  ofModule: () => timers.setTimeout(noting('fired'), 100),
  clearTimeout: () => clearTimeout(setTimeout(noting('fired'), 100)),
  clearByNumber: () => clearTimeout(+setTimeout(noting('fired'), 100)),
  clearByText: () => clearTimeout(`${+setTimeout(noting('fired'), 100)}`),
  clearNothing: () => [undefined, null, 0, 'x', {}].forEach((nothing) => clearTimeout(nothing as undefined)),
  clearByClose: () => setTimeout(noting('fired'), 100).close(),
  refresh: () => {
    const timeout = setTimeout(noting('fired'), 100)
    setTimeout(() => timeout.refresh(), 50)
  },
  refreshAfterwards: () => {
    const timeout = setTimeout(noting('fired'), 100)
    setTimeout(() => timeout.refresh(), 150)
  },
  unref: () => note(`${setTimeout(noting('fired'), 100).unref().hasRef()}`),
  thisIsTheTimer: () => {
    const timeout: unknown = setTimeout(function fired(this: unknown) {
      note(String(this === timeout))
    }, 100)
  },
  setInterval: () => setInterval(noting('beat'), 100),
  intervalThatEnds: () => {
    let left = 2
    const interval = setInterval(() => (note('beat'), --left === 0 && clearInterval(interval)), 100)
  },
  intervalOfNothing: () => {
    let left = 3
    const interval = setInterval(() => (note('beat'), --left === 0 && clearInterval(interval)), 0)
  },
  promisify: () => promisify(setTimeout)(100, 'value').then(note),
  timersPromises: () => timersPromises.setTimeout(100, 'value').then(note),
  timersPromisesInterval: async () => {
    let left = 3
    for await (const beat of timersPromises.setInterval(100, 'beat')) if ((note(beat), --left === 0)) break
  },
  slowReaderOfBeats: async () => {
    let left = 3
    for await (const beat of timersPromises.setInterval(100, 'beat')) {
      note(beat)
      if (--left === 0) break
      await timersPromises.setTimeout(250)
    }
  },
  schedulerWait: () => timersPromises.scheduler.wait(100).then(noting('waited')),
  abortSignal: () => {
    const signal = AbortSignal.timeout(100)
    signal.addEventListener('abort', () => note((signal.reason as Error).name))
  },
  abortedSleep: () =>
    timersPromises.setTimeout(500, null, { signal: AbortSignal.timeout(100) }).catch(failure),
  abortedBeforehand: () =>
    timersPromises.setTimeout(500, null, { signal: AbortSignal.abort() }).catch(failure),
  abortedInterval: async () => {
    const beats = timersPromises.setInterval(100, 'beat', { signal: AbortSignal.timeout(250) })
    try {
      for await (const beat of beats) note(beat)
    } catch (error) {
      failure(error as Error)
    }
  },
  chain: async () => {
    for (let count = 1; count <= 50; count++) await timersPromises.setTimeout(100)
    note('50 times 100')
  },
  sameTime: () => {
    setTimeout(noting('second'), 100)
    setTimeout(noting('first'), 99)
    setTimeout(noting('third'), 100)
  },
  betweenTwo: () => {
    setTimeout(() => {
      note('timer')
      void Promise.resolve().then(noting('microtask'))
      setImmediate(noting('immediate'))
    }, 100)
    setTimeout(noting('next timer'), 100)
  },
  nested: () => setTimeout(() => setTimeout(noting('inner'), 50), 50),
  noTimeInside: () => setTimeout(() => setTimeout(noting('inner'), 0), 100),
  notAFunction: () => {
    try {
      setTimeout('text' as unknown as () => void, 1)
    } catch (error) {
      failure(error as Error)
    }
  },
}

export const names = Object.keys(ways)

/** Begins, and does not wait for the end. */
export function begin(way: string): void {
  void ways[way]?.()
}

export function whole(): string[] {
  return log
}

/** Every clock of the program, in milliseconds since the beginning. */
export function clocks(): Record<string, number> {
  const [seconds, nanoseconds] = process.hrtime()
  return {
    Date: Date.now() - started,
    'new Date': new Date().getTime() - started,
    'Date()': Date.parse(Date()) - started,
    performance: performance.now(),
    'node:perf_hooks': moduleClock.now(),
    timeOrigin: performance.timeOrigin + performance.now() - started,
    hrtime: seconds * 1000 + nanoseconds / 1e6,
    'hrtime since': process.hrtime([0, 0])[0] * 1000 + process.hrtime([0, 0])[1] / 1e6,
    bigint: Number(process.hrtime.bigint()) / 1e6,
    uptime: process.uptime() * 1000,
  }
}

/** What else there is of Date. */
export function dates(): Record<string, unknown> {
  class Later extends Date {}
  return {
    iso: new Date().toISOString(),
    given: new Date(2020, 1, 2).getFullYear(),
    copied: new Date(new Date(5)).getTime(),
    text: typeof Date(),
    static: Date.UTC(1970, 0, 1, 0, 0, 1) + Date.parse('1970-01-01T00:00:02Z'),
    isDate: new Date() instanceof Date && new Later() instanceof Later && new Later() instanceof Date,
    constructor: new Date().constructor === Date,
    name: Date.name,
    length: Date.length,
  }
}

export function temporal(): string {
  const { Temporal } = globalThis as { Temporal?: { Now: { instant(): Date; plainDateISO(): Date } } }
  return Temporal ? `${Temporal.Now.instant().toString()} ${Temporal.Now.plainDateISO().toString()}` : 'none'
}

/** A server that closes a connection which was idle for `idleMs`; with 0 never. */
export async function serve(
  idleMs: number,
  how: 'method' | 'listener' | 'renewed',
): Promise<{ port: number }> {
  const server = net.createServer((socket) => {
    if (how === 'listener') socket.setTimeout(idleMs).on('timeout', () => socket.end())
    else socket.setTimeout(idleMs, () => socket.end())
    socket.on('data', (bytes) => {
      if (how === 'renewed') socket.setTimeout(idleMs)
      socket.write(bytes)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { port: (server.address() as net.AddressInfo).port }
}

/** Connects with the option `timeout`; resolves with the milliseconds until the event. */
export async function connectTimed(port: number, timeout: number): Promise<number> {
  const socket = net.connect({ port, host: '127.0.0.1', timeout })
  await new Promise((resolve) => socket.once('timeout', resolve))
  socket.destroy()
  return Date.now() - started
}

export function badTimeouts(): string[] {
  return [-1, Number.NaN, '5' as unknown as number].map((milliseconds) => {
    try {
      new net.Socket().setTimeout(milliseconds)
      return 'taken'
    } catch (error) {
      return `${(error as Error).name} ${String((error as { code?: string }).code)}`
    }
  })
}

/** Writes a byte to the port after each of the times. */
export async function drip(port: number, times: readonly number[]): Promise<void> {
  const socket = net.connect(port, '127.0.0.1')
  for (const milliseconds of times) setTimeout(() => socket.write('.'), milliseconds)
  await new Promise<void>((resolve) => socket.once('connect', resolve))
}

/** Looks again and again, with no time between. */
export async function poll(milliseconds: number): Promise<number> {
  while (Date.now() - started < milliseconds) await new Promise((resolve) => setTimeout(resolve, 0))
  return Date.now() - started
}
