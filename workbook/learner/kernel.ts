import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { platform } from 'node:process'

/**
 * The sockets of a process as the kernel knows them (Linux, proc(5)): what a program can say of itself is held against
 * it. Elsewhere nobody looks, and the program's own ledger stands alone.
 */

/** A TCP socket that the process holds. */
export interface KernelSocket {
  readonly local: number
  readonly remote: number
  readonly state: KernelState
  /** Bytes, and the FIN as one more, that the process has written and the peer's kernel has not acknowledged. */
  readonly unacknowledged: number
  /** Bytes, and the FIN as one more, that have arrived and that the process has not read. */
  readonly unread: number
}

export type KernelState = 'listening' | 'open' | 'FIN sent' | 'FIN read' | 'over'

/** Numbers of the states in the kernel's tables (include/net/tcp_states.h); all others are `over`. */
const STATES: Readonly<Record<string, KernelState>> = {
  '01': 'open',
  '02': 'open',
  '03': 'open',
  '04': 'FIN sent',
  '05': 'FIN sent',
  '08': 'FIN read',
  '0A': 'listening',
}

export class KernelWitness {
  readonly #pid: number
  /** Of what the process held before any program was there: the line to the grader, its output. */
  readonly #own: ReadonlySet<string>

  private constructor(pid: number, own: ReadonlySet<string>) {
    this.#pid = pid
    this.#own = own
  }

  /** @returns null where the system shows nothing. */
  static of(pid: number): KernelWitness | null {
    if (platform !== 'linux') return null
    const own = inodesOf(pid)
    return own && new KernelWitness(pid, new Set(own))
  }

  /** How many sockets of any kind the program holds; 0 when the process is gone. */
  get held(): number {
    return this.#inodes().length
  }

  /** Its TCP sockets. */
  sockets(): KernelSocket[] {
    return this.socketsAndPeers(new Set()).sockets
  }

  /** Its TCP sockets, and those of whoever else has one of these local ports: the table is long, and read once. */
  socketsAndPeers(ports: ReadonlySet<number>): {
    readonly sockets: KernelSocket[]
    readonly peers: KernelSocket[]
  } {
    const inodes = new Set(this.#inodes())
    const rows = ['tcp', 'tcp6'].flatMap((table) => rowsOf(`/proc/${this.#pid}/net/${table}`))
    return {
      sockets: rows.filter(({ inode }) => inodes.has(inode)),
      peers: rows.filter(({ inode, local }) => ports.has(local) && !inodes.has(inode)),
    }
  }

  // --- internal ---

  #inodes(): string[] {
    return (inodesOf(this.#pid) ?? []).filter((inode) => !this.#own.has(inode))
  }
}

// --- internal ---

interface Row extends KernelSocket {
  readonly inode: string
}

function inodesOf(pid: number): string[] | null {
  try {
    const folder = `/proc/${pid}/fd`
    return readdirSync(folder).flatMap((descriptor) => {
      return /^socket:\[(\d+)\]$/.exec(linkOf(`${folder}/${descriptor}`))?.[1] ?? []
    })
  } catch {
    // The process is gone.
    return null
  }
}

/** A descriptor may be closed meanwhile. */
function linkOf(file: string): string {
  try {
    return readlinkSync(file)
  } catch {
    return ''
  }
}

function rowsOf(table: string): Row[] {
  try {
    return readFileSync(table, 'latin1')
      .split('\n')
      .slice(1, -1)
      .filter((line) => !line.includes(TIME_WAIT))
      .map(rowOf)
  } catch {
    return []
  }
}

/** A busy machine has thousands of these, and no process holds one. */
const TIME_WAIT = ' 06 '

/** `  0: 0100007F:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 12345 …` */
function rowOf(line: string): Row {
  const [, local = '', remote = '', state = '', queues = '', , , , , inode = ''] = line.trim().split(/\s+/)
  const [sent = '', received = ''] = queues.split(':')
  return {
    local: portOf(local),
    remote: portOf(remote),
    state: STATES[state] ?? 'over',
    unacknowledged: Number.parseInt(sent, 16),
    unread: Number.parseInt(received, 16),
    inode,
  }
}

function portOf(address: string): number {
  return Number.parseInt(address.slice(address.lastIndexOf(':') + 1), 16)
}
