import { spawn, type ChildProcess } from 'node:child_process'
import { compilerBundle } from '../bundles.ts'
import { announce, hasMembers, killGroup } from '../pids.ts'
import type { Answer, Source } from './messages.ts'

/**
 * The process that compiles, as its owner sees it: one file at a time goes in, one answer comes out. A file that no
 * compiler copes with ends it, and harms nobody: the next file gets a new one.
 */

/** The kernel ends what takes more: CPU time of esbuild and of its owner, each, and what each may hold of memory. */
const CPU_SECONDS = 10
const KILOBYTES_OF_DATA = 1024 * 1024
/** Milliseconds until a killed process is taken for gone. */
const MOST_LOOKS = 1_000
/** For what waits without end; a file takes some milliseconds, and a second on a very busy machine. */
const WALL_MILLISECONDS = 180_000

class CompilerProcess {
  /** Resolves when it is gone. */
  readonly gone: Promise<void>
  uses = 0
  readonly #child: ChildProcess

  constructor() {
    const bounds = `ulimit -t ${CPU_SECONDS}; ulimit -d ${KILOBYTES_OF_DATA}`
    const command = ['-c', `${bounds}; exec "$@"`, 'sh', process.execPath, compilerBundle()]
    // A group of its own, which esbuild's program belongs to; nothing of the grader's environment.
    this.#child = spawn('/bin/sh', command, {
      detached: true,
      env: {},
      cwd: '/',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    this.gone = this.#ended()
    if (this.#pid > 0) announce(this.#pid, this.gone)
    this.#child.once('exit', () => this.kill())
    this.#rest()
  }

  get isAlive(): boolean {
    return this.#pid > 0 && this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** @returns null when the process is lost over it. */
  async compile(source: Source): Promise<Answer | null> {
    this.uses++
    this.#child.ref()
    this.#child.channel?.ref()
    const late = setTimeout(() => this.kill(), WALL_MILLISECONDS)
    try {
      const answer = new Promise<Answer>((resolve) => void this.#child.once('message', resolve))
      this.#child.send(source, () => undefined)
      return await Promise.race([answer, this.gone.then(() => null)])
    } finally {
      clearTimeout(late)
      this.#child.removeAllListeners('message')
      this.#rest()
    }
  }

  kill(): void {
    killGroup(this.#pid)
  }

  // --- internal ---

  get #pid(): number {
    return this.#child.pid ?? 0
  }

  /** esbuild's program is killed with its owner, and is the system's to bury. */
  async #ended(): Promise<void> {
    await new Promise((resolve) => this.#child.once(this.#pid === 0 ? 'error' : 'close', resolve))
    for (let looks = 0; looks < MOST_LOOKS && hasMembers(this.#pid); looks++) await aMillisecond()
  }

  /** It keeps nobody from ending. */
  #rest(): void {
    this.#child.unref()
    this.#child.channel?.unref()
  }
}

let compiler: CompilerProcess | null = null
let queue: Promise<unknown> = Promise.resolve()

/** Starts the process before the first file is there. */
export function warmCompiler(): void {
  ready()
}

/**
 * @returns null where no compiler copes with the file.
 * @throws Error for a fault of ours.
 */
export function compileApart(source: Source): Promise<Answer | null> {
  const answer = queue.then(() => compileNext(source))
  queue = answer.catch(() => undefined)
  return answer
}

export async function dismissCompiler(): Promise<void> {
  const dismissed = compiler
  compiler = null
  dismissed?.kill()
  await dismissed?.gone
}

// --- internal ---

function ready(): CompilerProcess {
  if (!compiler?.isAlive) compiler = new CompilerProcess()
  return compiler
}

/** Only a new process refuses a file: one that has served may be at its bounds, or have been ended. */
async function compileNext(source: Source): Promise<Answer | null> {
  const served = ready()
  const isNew = served.uses === 0
  const answer = await served.compile(source)
  if (answer?.kind === 'broken') throw new Error(answer.message)
  if (answer || isNew) return answer
  await served.gone
  return await ready().compile(source)
}

function aMillisecond(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1))
}
