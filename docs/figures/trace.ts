import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { capture, type Seen } from './capture.ts'

/** Packets as programs that show them print them: text, for a page to explain line by line. */
export interface Trace {
  /** `docs/figures/NAME.txt`. */
  readonly name: string
  record(): Promise<string>
}

/** What passes from and to a port, kept in a file that other programs read. */
export class Captured {
  readonly #folder = mkdtempSync(path.join(os.tmpdir(), 'trace-'))

  static async of(port: number, run: (seen: Seen) => Promise<void>): Promise<Captured> {
    const captured = new Captured()
    await capture(port, run, captured.#file)
    return captured
  }

  get #file(): string {
    return path.join(this.#folder, 'packets.pcapng')
  }

  /** As `tcpdump` prints it: the time since the first line, addresses, flags, numbers, options. */
  tcpdump(filter: string): string[] {
    return linesOf('tcpdump', ['-r', this.#file, '-n', '-ttttt', filter])
  }

  /** As Wireshark lists it, and tshark with it: the time, and what it has to say about the segment. */
  wireshark(filter: string): string[] {
    const columns = ['-t', 'r', '-o', 'gui.column.format:"Time","%Rt","Info","%i"']
    // Segments, and not the messages of HTTP that they make.
    const segments = ['--disable-protocol', 'http', '-o', 'tcp.ignore_tcp_timestamps:TRUE']
    return linesOf('tshark', ['-r', this.#file, '-n', ...columns, ...segments, '-Y', filter])
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true })
  }
}

/** Lines with their times counted from the first of them, in seconds: what was before is not shown. */
export function sinceTheFirst(lines: readonly string[]): string[] {
  const begin = secondsOf(lines[0] ?? '')
  return lines.map((line) => line.replace(TIME, () => (secondsOf(line) - begin).toFixed(6)))
}

// --- internal ---

/** `0.041801` as tshark writes it, or `00:00:00.041801` as tcpdump does. */
const TIME = /^\s*(?:(\d+):(\d+):)?([\d.]+)/

function secondsOf(line: string): number {
  const [, hours = 0, minutes = 0, seconds = 0] = TIME.exec(line) ?? []
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
}

function linesOf(program: string, words: readonly string[]): string[] {
  const { status, stdout, stderr } = spawnSync(program, words, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr}`)
  return stdout.trimEnd().split('\n')
}
