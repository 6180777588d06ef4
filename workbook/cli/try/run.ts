import type { Course, Lab } from '../../course/lab.ts'
import { ProgramByHand } from '../../grading/by-hand.ts'
import { subjectOf as sourcesOf } from '../../grading/subject.ts'
import type { Address, TryClient, TryPeer, TryServer } from '../../grading/try-it.ts'
import { compileOnce, CompileError, type Compiled } from '../../learner/compile.ts'
import { viewOf, wrap, type View } from '../../report/layout.ts'
import { painter } from '../../report/paint.ts'
import { Relay } from '../../wire/relay.ts'
import { subjectOf } from '../grade-labs.ts'
import { print, terminal } from '../terminal.ts'
import { UsageError } from '../usage-error.ts'
import { explainEnd } from './explain-end.ts'
import { inNetcatsWords, netcatHere, netcatNote } from './netcat.ts'
import { openPeer } from './peer.ts'
import { WireLog } from './wire-log.ts'

export interface TryRequest {
  readonly course: Course
  readonly lab: Lab
  readonly name: string
  readonly way: TryServer | TryClient
  /** Names of the lab's other ways. */
  readonly others: readonly string[]
  readonly solutions: boolean
}

/** The lane of whoever pokes the server. */
const BY_HAND = 'client'

/** Runs until Ctrl-C, or until the program has ended. @returns The exit code. */
export async function tryWay(request: TryRequest): Promise<number> {
  const { course, lab, way, solutions } = request
  const { program: file, problem } = subjectOf(course.root, lab, solutions)
  if (problem) throw new UsageError(problem.code, problem.message, problem.next)
  const compiled = await compileOrExplain(course.root, lab, file)
  const view = viewOf(terminal())
  const wire = new WireLog(lanesOf(way), view.width, painter(terminal().color))
  const peer = way.peer ? await openPeer(way.peer, wire) : null
  let program: ProgramByHand | null = null
  try {
    const { fixture } = sourcesOf(course.root, lab.id, file)
    const beside = fixture ? await compileOnce(fixture) : null
    program = await ProgramByHand.load(compiled, beside, (loading) => {
      loading.process.on('printed', (stream, text) => wire.printed(stream, text))
      if (peer && way.peer) permit(loading, way.peer, peer.address)
    })
    const address = peer?.address ?? { host: '127.0.0.1', port: 0 }
    if ('serve' in way) await runServer(request, way, program, address, wire, view)
    else await runClient(request, way, program, address, wire, view)
    return 0
  } catch (error) {
    await print(`\n${explainEnd(error, compiled, course.root, lab).join('\n')}\n`)
    return 1
  } finally {
    wire.close()
    peer?.close()
    await program?.close()
  }
}

// --- internal ---

async function compileOrExplain(root: string, lab: Lab, file: string): Promise<Compiled> {
  try {
    return await compileOnce(sourcesOf(root, lab.id, file).source)
  } catch (error) {
    if (!(error instanceof CompileError)) throw error
    throw new UsageError(error.code, error.lines.join('\n'), `npm run grade -- ${lab.number}`)
  }
}

function lanesOf(way: TryServer | TryClient): string[] {
  const peer = way.peer ? [way.peer.name] : []
  return 'serve' in way ? [BY_HAND, ...peer] : peer
}

function permit(program: ProgramByHand, { at }: TryPeer, { port }: Address): void {
  const permits = [{ host: '127.0.0.1', port, to: port }]
  if (at) permits.push({ host: '127.0.0.1', port: at.port, to: port })
  program.permit(permits, at ? { [at.host]: '127.0.0.1' } : {})
}

/** Ends only when the program does; Ctrl-C ends the whole process before. */
async function runServer(
  request: TryRequest,
  way: TryServer,
  program: ProgramByHand,
  peer: Address,
  wire: WireLog,
  view: View,
): Promise<void> {
  const make: typeof program.make = (made, ...given) => program.make(made, ...given)
  const [name, ...args] = await way.serve(peer, program.clock, make)
  const port = await Promise.race([program.serve(name, ...args), program.over])
  const relay = await Relay.open({ lane: BY_HAND, to: port, transcript: wire })
  try {
    await print(`${[...head(request, view), ...pokeLines(way, relay.port, port, view)].join('\n')}\n\n`)
    wire.begin()
    await program.over
  } finally {
    relay.close()
  }
}

async function runClient(
  request: TryRequest,
  way: TryClient,
  program: ProgramByHand,
  peer: Address,
  wire: WireLog,
  view: View,
): Promise<void> {
  await print(`${head(request, view).join('\n')}\n\n`)
  wire.begin()
  const at = way.peer.at ? { host: way.peer.at.host, port: way.peer.at.port } : peer
  await Promise.race([way.run(program, at, (line) => wire.say(line)), program.over])
  await program.caughtUp()
  await print('\nDone. Ctrl-C was not needed: nothing is left behind.\n')
}

function head({ lab, name, way, others, solutions }: TryRequest, view: View): string[] {
  const whose = solutions ? ' (the reference)' : ''
  const also = others.map((other) => `npm run try -- ${lab.number} ${other}`).join('    ')
  const title = wrap(`Lab ${lab.number}, ${name}${whose}: ${way.says}`, view.width)
  return [
    ...title.map((line) => view.paint('strong', line)),
    ...(also === '' ? [] : [`${view.paint('quiet', 'also')}      ${view.paint('command', also)}`]),
  ]
}

function pokeLines({ poke }: TryServer, relay: number, port: number, view: View): string[] {
  const netcat = poke.some(([line]) => line.includes('nc -N')) ? netcatHere() : null
  const lines = poke.flatMap(([line, lookFor]) => [
    `  ${view.paint('command', inNetcatsWords(line, netcat).replaceAll('PORT', String(relay)))}`,
    view.paint('quiet', `      ${lookFor}`),
  ])
  return [
    '',
    'In another terminal:',
    '',
    ...lines,
    ...netcatNote(netcat).map((note) => view.paint('warn', `  ${note}`)),
    '',
    view.paint(
      'quiet',
      `Port ${relay} leads through a relay, which shows what passes; your server itself is on port ${port}.`,
    ),
    view.paint('quiet', 'Time is real here. Ctrl-C ends it.'),
  ]
}
