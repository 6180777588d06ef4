import { afterEach, expect, test, vi } from 'vitest'
import { terminal } from '../../workbook/cli/terminal.ts'
import { rewrites } from '../../workbook/wire/rewrites.ts'

const isTTY = Object.getOwnPropertyDescriptor(process.stdout, 'isTTY')

afterEach(() => {
  vi.unstubAllEnvs()
  if (isTTY) Object.defineProperty(process.stdout, 'isTTY', isTTY)
  else Reflect.deleteProperty(process.stdout, 'isTTY')
})

test.each([
  ['a terminal is coloured', true, { NO_COLOR: undefined, TERM: 'xterm' }, true],
  ['NO_COLOR is respected', true, { NO_COLOR: '1', TERM: 'xterm' }, false],
  ['an empty NO_COLOR says nothing', true, { NO_COLOR: '', TERM: 'xterm' }, true],
  ['a dumb terminal is left alone', true, { NO_COLOR: undefined, TERM: 'dumb' }, false],
  ['what is no terminal is not coloured', undefined, { NO_COLOR: undefined, TERM: 'xterm' }, false],
])('%s', (_, tty, env, color) => {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  Object.defineProperty(process.stdout, 'isTTY', { value: tty, configurable: true })
  expect(terminal().color).toBe(color)
})

test.each([
  ['a terminal', true, 'xterm', true],
  ['a dumb terminal', true, 'dumb', false],
  ['a pipe', undefined, 'xterm', false],
])('a line on %s is written over or not', (_, tty, TERM, holds) => {
  expect(rewrites({ ...(tty && { isTTY: tty }) }, { TERM })).toBe(holds)
})
