import { rewrites } from '../wire/rewrites.ts'

const QUIET_MILLISECONDS = 30_000

/** Says how far long work is: on a terminal in one line that rewrites itself, elsewhere now and then. */
export interface Progress {
  say(line: string): void
  /** Takes the line away, before something else is printed. */
  clear(): void
}

export function progressOn(stream: NodeJS.WriteStream): Progress {
  if (rewrites(stream)) {
    return {
      say: (line) => void stream.write(`\r\u001B[K${line.slice(0, stream.columns - 1)}`),
      clear: () => void stream.write('\r\u001B[K'),
    }
  }
  let last = -Infinity
  return {
    say(line) {
      if (performance.now() - last < QUIET_MILLISECONDS) return
      last = performance.now()
      stream.write(`${line}\n`)
    },
    clear: () => undefined,
  }
}
