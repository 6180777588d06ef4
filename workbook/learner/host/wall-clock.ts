import { now } from './clock.ts'

/** What tells the time of day or of the process, on virtual time: Date, performance, hrtime. */

/** Milliseconds of the Unix epoch at which every check begins. */
const EPOCH = Date.UTC(2026, 0, 1)
const NANOSECONDS = 1_000_000
const RealDate = Date

interface Temporal {
  readonly Instant: {
    fromEpochMilliseconds(milliseconds: number): { toZonedDateTimeISO(zone: unknown): Zoned }
  }
  readonly Now: Record<string, unknown> & { timeZoneId(): string }
}
interface Zoned {
  toPlainDateTime(): unknown
  toPlainDate(): unknown
  toPlainTime(): unknown
}

export function virtualizeWallClock(): void {
  Object.assign(VirtualDate, { now: wallTime, parse: RealDate.parse, UTC: RealDate.UTC })
  Object.defineProperties(VirtualDate, { name: { value: 'Date' }, length: { value: 7 } })
  VirtualDate.prototype = RealDate.prototype
  Object.defineProperty(RealDate.prototype, 'constructor', { value: VirtualDate })
  Object.defineProperty(globalThis, 'Date', { value: VirtualDate })
  Object.defineProperties(performance, { now: { value: now }, timeOrigin: { value: EPOCH } })
  Object.defineProperty(Event.prototype, 'timeStamp', { get: now })
  process.hrtime = Object.assign(hrtime, { bigint: () => BigInt(now() * NANOSECONDS) })
  const { Temporal: temporal } = globalThis as { Temporal?: Temporal }
  if (temporal) virtualizeTemporal(temporal)
}

// --- internal ---

function wallTime(): number {
  return EPOCH + now()
}

/** Called without `new` it is a text, as Date is; subclasses get instances of their own. */
function VirtualDate(...args: readonly []): unknown {
  if (!new.target) return new RealDate(wallTime()).toString()
  return Reflect.construct(RealDate, args.length > 0 ? args : [wallTime()], new.target)
}

function hrtime(since: readonly [number, number] = [0, 0]): [number, number] {
  const elapsed = now() * NANOSECONDS - (since[0] * 1_000_000_000 + since[1])
  return [Math.floor(elapsed / 1_000_000_000), elapsed % 1_000_000_000]
}

function virtualizeTemporal({ Instant, Now }: Temporal): void {
  const instant = () => Instant.fromEpochMilliseconds(wallTime())
  const zoned = (zone: unknown = Now.timeZoneId()) => instant().toZonedDateTimeISO(zone)
  Object.assign(Now, {
    instant,
    zonedDateTimeISO: zoned,
    plainDateTimeISO: (zone?: unknown) => zoned(zone).toPlainDateTime(),
    plainDateISO: (zone?: unknown) => zoned(zone).toPlainDate(),
    plainTimeISO: (zone?: unknown) => zoned(zone).toPlainTime(),
  })
}
