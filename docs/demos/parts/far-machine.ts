import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import readline from 'node:readline'
import { ip } from './own-network.ts'

/** Where the two machines are. Addresses for documentation: RFC 5737. */
export const NEAR = '192.0.2.1'
export const FAR = '192.0.2.2'

/** What `inOwnNetwork` has to be able to do for us: a cable between two networks. */
export const CABLE = 'ip link add near type veth peer name far'

/** Another machine at the other end of a cable, in a network of its own. It sends back what it gets. */
export class FarMachine {
  readonly port: number
  readonly #process: ChildProcess
  readonly #lines: readline.Interface

  private constructor(child: ChildProcess, lines: readline.Interface, port: number) {
    this.#process = child
    this.#lines = lines
    this.port = port
  }

  /** Only inside of `inOwnNetwork`. */
  static async start(): Promise<FarMachine> {
    const program = path.join(import.meta.dirname, 'far-machine-program.ts')
    const command = ['--net', process.execPath, ...process.execArgv, program]
    const child = spawn('unshare', command, { stdio: ['pipe', 'pipe', 'inherit'] })
    const lines = readline.createInterface({ input: child.stdout })
    await once(lines, 'line')
    ip(
      'link',
      'add',
      'near',
      'type',
      'veth',
      'peer',
      'name',
      'far',
      'netns',
      String(child.pid),
    )
    ip('addr', 'add', `${NEAR}/24`, 'dev', 'near')
    ip('link', 'set', 'near', 'up')
    const port = once(lines, 'line')
    child.stdin.write('join\n')
    return new FarMachine(child, lines, Number((await port)[0]))
  }

  /** From now on it throws away every packet that reaches it, and says nothing. */
  vanish(): Promise<void> {
    return this.#tell('vanish')
  }

  comeBack(): Promise<void> {
    return this.#tell('come back')
  }

  stop(): void {
    this.#lines.close()
    this.#process.kill()
  }

  // --- internal ---

  async #tell(what: string): Promise<void> {
    const done = once(this.#lines, 'line')
    this.#process.stdin?.write(`${what}\n`)
    await done
  }
}
