import inspector from 'node:inspector'
import type { Calm, Packed, PackedError, Request } from '../messages.ts'
import { whenCalm, watchJobs } from './calm.ts'
import { endProcess, openChannel, report, sendToGrader } from './channel.ts'
import { advance, pendingTimers, virtualizeTheRest } from './clock.ts'
import { datagramRows, watchDatagrams } from './datagrams.ts'
import { guardHandles, handleCalls, listeningPorts, permit } from './handles.ts'
import { socketRows, stalledWrites, watchSockets } from './ledger.ts'
import { lockDown } from './lockdown.ts'
import { loadModule, type Namespace } from './modules.ts'
import { addNames, replaceResolvers } from './names.ts'
import { keptBehind, packResult, settleCallback, unpackArguments } from './references.ts'

/**
 * The learner process: a plain node child that holds the learner's program and nothing else. It does
 * what the grader orders and answers; the verdict is made elsewhere, from what the wire showed.
 */

const modules: Record<'program' | 'fixture', Namespace> = { program: {}, fixture: {} }
const exit = process.exit.bind(process)

watchSockets()
watchDatagrams()
watchJobs()
guardHandles()
virtualizeTheRest()
replaceResolvers()
catchEnds()
lockDown()
openChannel((request) => {
  obey(request).then(
    (value) => sendToGrader({ re: request.id, ok: true, value }),
    (error: unknown) => sendToGrader({ re: request.id, ok: false, value: packThrown(error) }),
  )
})
report({ event: 'ready' })

// --- internal ---

async function obey(request: Request): Promise<Packed> {
  switch (request.op) {
    case 'hello':
      return null
    case 'load':
      return await load(request)
    case 'call':
      return packResult(await callExport(request))
    case 'invoke':
      return packResult(await invoke(request))
    case 'barrier':
      return await barrier(new Set(request.stalled))
    case 'advance':
      return advance(request.by)
    case 'permit':
      return permit(request.permits)
    case 'names':
      return addNames(request.answers)
    case 'settle':
      return settleCallback(request.callback, request.ok, request.value)
    case 'handle-calls':
      return handleCalls()
  }
}

async function load({ program, fixture, modules: allowed, debug }: Request & { op: 'load' }): Promise<string[]> {
  if (debug) inspector.waitForDebugger()
  if (fixture) modules.fixture = await loadModule(fixture, allowed)
  modules.program = await loadModule(program, allowed)
  return Object.keys(modules.program)
}

function callExport({ of, name, args, construct }: Request & { op: 'call' }): unknown {
  const target = modules[of][name]
  if (typeof target !== 'function') {
    throw Object.assign(new Error(`nothing is exported as ${name}`), { code: 'WORKBOOK_NO_EXPORT' })
  }
  const live = unpackArguments(args)
  return construct ? Reflect.construct(target, live) : Reflect.apply(target, undefined, live)
}

function invoke({ ref, method, args }: Request & { op: 'invoke' }): unknown {
  const target = keptBehind(ref) as Record<string, unknown>
  const fn = method === null ? target : target[method]
  return Reflect.apply(fn as () => unknown, method === null ? undefined : target, unpackArguments(args))
}

function barrier(stalled: ReadonlySet<string>): Promise<Packed> {
  return new Promise((resolve) => {
    const look = (): Calm => ({
      sockets: socketRows(),
      datagrams: datagramRows(),
      timers: pendingTimers(),
      listening: listeningPorts(),
    })
    whenCalm(
      () => stalledWrites(stalled),
      () => resolve(look()),
    )
  })
}

/** An uncaught error and a call of process.exit tell the grader where they came from. */
function catchEnds(): void {
  const crash = (error: unknown): void => {
    endProcess({ event: 'crash', error: packThrown(error), origin: 'uncaught' }, 1)
  }
  process.setUncaughtExceptionCaptureCallback(crash)
  process.exit = ((code?: number) => {
    report({ event: 'exit', code: Number(code ?? process.exitCode ?? 0), stack: new Error().stack ?? '' })
    exit(code)
  }) as typeof process.exit
}

/** Anything can be thrown; what is no Error crosses as one. */
function packThrown(thrown: unknown): PackedError | Packed {
  if (thrown instanceof Error) return packResult(thrown)
  return packResult(Object.assign(new Error(`threw ${String(thrown)}, which is no Error`), { name: 'NotAnError' }))
}
