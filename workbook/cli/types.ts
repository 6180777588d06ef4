import { viewOf } from '../report/layout.ts'
import { noteLines } from '../report/type-notes.ts'
import { count } from '../report/words.ts'
import type { Command, Input } from './command.ts'
import { select } from './selection.ts'
import { print, terminal } from './terminal.ts'
import { typeErrorsOf } from './type-errors.ts'
import { UsageError } from './usage-error.ts'

export const types: Command = {
  name: 'types',
  summary: 'says where the types of your programs do not fit; no verdict depends on it',
  usage: 'npm run types -- [LAB]',
  options: {},
  async run({ words }: Input): Promise<number> {
    const { labs } = select(words, 'types')
    const found = await typeErrorsOf(labs.map(({ lab }) => lab))
    if (!found)
      throw new UsageError('E_NO_TYPESCRIPT', 'TypeScript could not be asked: is it installed?', 'npm ci')
    const view = viewOf(terminal())
    const closing =
      found.length === 0 ? 'All types fit.' : `${count(found.length, 'place')} where types do not fit.`
    await print([...found.flatMap((note) => [...noteLines(note, view), '']), closing, ''].join('\n'))
    return found.length === 0 ? 0 : 1
  },
}
