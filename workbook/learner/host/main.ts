import inspector from 'node:inspector'
import { inspect } from 'node:util'
import { NO_EXPORT_CODE, type Calm, type Packed, type Request } from '../messages.ts'
import { whenCalm, watchJobs } from './calm.ts'
import { endProcess, openChannel, report, sendToGrader } from './channel.ts'
import { REAL_TIME } from '../limits.ts'
import { advance, pendingTimers, useRealTime } from './clock.ts'
import { datagramRows, forgetClosedDatagrams, watchDatagrams } from './datagrams.ts'
import { callFromFirstLine, stopAtNextCall } from './first-line.ts'
import { guardHandles, handleCalls, listeningPorts, permit } from './handles.ts'
import { forgetGone, socketRows, stalledWrites, watchSockets } from './ledger.ts'
import { lockDown } from './lockdown.ts'
import { loadModule, type Namespace } from './modules.ts'
import { addNames, replaceResolvers } from './names.ts'
import { takeNoteOfTheStart } from './pristine.ts'
import { keptBehind, packResult, settleCallback, unpackArguments } from './references.ts'
import { renew } from './renew.ts'
import { virtualizeSocketTimeouts } from './socket-timeout.ts'
import { virtualizeTimers } from './timeout.ts'
import { virtualizeWallClock } from './wall-clock.ts'
import { toldOf } from './writes.ts'

/**
 * The learner process: a plain node child that holds the learner's program and nothing else. It does
 * what the grader orders and answers; the verdict is made elsewhere, from what the wire showed.
 */

// Captured while nobody can have replaced it.
const toText = JSON.stringify

/** Connections whose other end takes nothing, as the newest barrier says: an older one may still be looking. */
let stalled: ReadonlySet<string> = new Set()

const modules: Record<'program' | 'fixture', Namespace> = { program: {}, fixture: {} }

// Frames of Node's own stand between the learner's; V8 keeps ten unless told.
Error.stackTraceLimit = 30
watchSockets()
watchDatagrams()
watchJobs()
guardHandles()
if (process.argv.includes(REAL_TIME)) useRealTime()
else virtualizeTime()
replaceResolvers()
catchCrashes()
openChannel((request) => void answer(request))
lockDown()
takeNoteOfTheStart()
report({ event: 'ready' })

// --- internal ---

function virtualizeTime(): void {
  virtualizeTimers()
  virtualizeSocketTimeouts()
  virtualizeWallClock()
}

async function answer(request: Request): Promise<void> {
  try {
    sendToGrader({ re: request.id, ok: true, value: await obey(request) })
  } catch (error) {
    // Thrown by the program, or by the structured clone of what the program returned.
    sendToGrader({ re: request.id, ok: false, value: packThrown(error) })
  }
}

async function obey(request: Request): Promise<Packed> {
  switch (request.op) {
    case 'hello':
    case 'hear-out':
      return null
    case 'load':
      return await load(request)
    case 'call':
      return packResult(await callExport(request))
    case 'invoke':
      return packResult(await invoke(request))
    case 'barrier':
      stalled = new Set(request.stalled)
      return await barrier()
    case 'advance':
      return advance(request.by)
    case 'permit':
      return permit(request.permits)
    case 'names':
      return addNames(request.answers)
    case 'settle':
      return settleCallback(request.callback, request.ok, request.value)
    case 'forget-gone':
      forgetClosedDatagrams()
      return forgetGone()
    case 'handle-calls':
      return handleCalls()
    case 'writes':
      return toldOf(request.port)
    case 'renew':
      return await renew()
  }
}

async function load({
  program,
  fixture,
  modules: allowed,
  debug,
}: Request & { op: 'load' }): Promise<string[]> {
  if (debug) inspector.waitForDebugger()
  if (fixture) modules.fixture = await loadModule(fixture, allowed)
  modules.program = await loadModule(program, allowed)
  if (debug) stopAtNextCall()
  return Object.keys(modules.program)
}

function callExport({ of, name, args, construct }: Request & { op: 'call' }): unknown {
  // `Client.connect`: a static method of an exported class.
  const [first = '', method] = name.split('.')
  const owner = modules[of][first]
  const target = method === undefined ? owner : (owner as Record<string, unknown> | undefined)?.[method]
  if (typeof target !== 'function') throw noExport(of, name)
  const live = unpackArguments(args)
  const enter = (): unknown =>
    construct
      ? Reflect.construct(target, live)
      : Reflect.apply(target, method === undefined ? undefined : owner, live)
  return of === 'program' ? callFromFirstLine(target, enter) : enter()
}

function noExport(of: 'program' | 'fixture', name: string): Error {
  if (of === 'fixture') return new Error(`the check's host fixture exports no function ${name}`)
  const there = modules.program[name]
  const exported = Object.keys(modules.program).join(', ') || 'nothing'
  const cause =
    there === undefined ? `none; your file exports ${exported}` : `an export ${name} of type ${typeof there}`
  return Object.assign(new Error(`a function ${name} that your file exports`, { cause }), {
    code: NO_EXPORT_CODE,
  })
}

function invoke({ ref, method, args }: Request & { op: 'invoke' }): unknown {
  const target = keptBehind(ref) as Record<string, unknown>
  const fn = method === null ? target : target[method]
  return Reflect.apply(fn as () => unknown, method === null ? undefined : target, unpackArguments(args))
}

/** The same twice, with calm before each: one look could fall between two things that happen. */
async function barrier(): Promise<Packed> {
  for (let last = ''; ;) {
    await whenCalm(() => stalledWrites(stalled))
    const calm = look()
    const seen = toText(calm)
    if (seen === last) return calm
    last = seen
  }
}

function look(): Calm {
  return {
    sockets: socketRows(),
    datagrams: datagramRows(),
    timers: pendingTimers(),
    listening: listeningPorts(),
  }
}

/** An uncaught error tells the grader where it came from. */
function catchCrashes(): void {
  let origin = 'uncaught'
  process.on('uncaughtExceptionMonitor', (_error, kind) => {
    if (kind === 'unhandledRejection') origin = 'a rejected promise that nobody handles:'
  })
  process.setUncaughtExceptionCaptureCallback((error: unknown) => {
    endProcess({ event: 'crash', error: packThrown(error), origin }, 1)
  })
}

/** Anything can be thrown; what is no Error, or cannot be read, crosses as one that says so. */
function packThrown(thrown: unknown): Packed {
  try {
    return packResult(
      thrown instanceof Error ? thrown : notAnError(`threw ${inspect(thrown)}, which is no Error`),
    )
  } catch (unreadable) {
    const why = unreadable instanceof Error ? unreadable.message : 'it throws'
    return packResult(notAnError(`threw something that cannot be read: ${why}`))
  }
}

function notAnError(message: string): Error {
  return Object.assign(new Error(message), { name: 'NotAnError' })
}
