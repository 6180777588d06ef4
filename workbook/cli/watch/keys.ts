/** Single keys from a terminal, until closed. */
export interface Keys {
  close(): void
}

const INTERRUPT = '\u0003'
const END_OF_INPUT = '\u0004'
const SUSPEND = '\u001A'

/**
 * Reads keys one by one. Whatever ends the process, Node gives the terminal back as it was.
 *
 * @param onKey - Called with the key in lower case; `q` stands for Ctrl-C and the end of the input too.
 * @param onResume - Called when the program was stopped by Ctrl-Z and goes on.
 */
export function readKeys(stdin: NodeJS.ReadStream, onKey: (key: string) => void, onResume: () => void): Keys {
  const hear = (text: string): void => {
    // An arrow or a function key is one escape sequence, and means nothing here.
    if (text.startsWith('\u001B') && text.length > 1) return
    for (const key of text) {
      if (key === SUSPEND) suspend()
      else onKey(key === INTERRUPT || key === END_OF_INPUT ? 'q' : key.toLowerCase())
    }
  }
  const suspend = (): void => {
    stdin.setRawMode(false)
    process.once('SIGCONT', () => {
      stdin.setRawMode(true)
      onResume()
    })
    // The whole group, as the terminal itself would: npm and its shell stand between us and the prompt.
    process.kill(0, 'SIGTSTP')
  }
  const end = (): void => onKey('q')
  stdin.setRawMode(true)
  stdin.setEncoding('utf8').on('data', hear).on('end', end)
  return {
    close() {
      stdin.off('data', hear).off('end', end)
      stdin.setRawMode(false)
      stdin.pause()
    },
  }
}
