import { beforeEach, expect, test } from 'vitest'
import { dismissKept } from '../../workbook/learner/kept.ts'
import { calling, gradeAndAsk, gradeText, told, useEngine } from './engine.ts'

/** Where a program could leave a word for the next one in its process. */

useEngine()
beforeEach(dismissKept)

/** Walks from the globals and the modules to all that a program can reach, four properties deep; who imports node:buffer or node:util has no next one. */
const WALK = `
import dgram from 'node:dgram'
import dns from 'node:dns'
import events from 'node:events'
import net from 'node:net'
import stream from 'node:stream'
import timers from 'node:timers'
import url from 'node:url'
const found = new Map<object, string>()
const walk = (target: unknown, name: string, left: number): void => {
  if ((typeof target !== 'object' && typeof target !== 'function') || target === null || found.has(target)) return
  found.set(target, name)
  if (left === 0) return
  walk(Object.getPrototypeOf(target), name + '.__proto__', left)
  for (const key of Reflect.ownKeys(target)) {
    const { value, get, set } = Object.getOwnPropertyDescriptor(target, key) ?? {}
    for (const each of [value, get, set]) walk(each, name + '.' + String(key), left - 1)
  }
}
const places = (): Array<[object, string]> => {
  for (const [name, root] of Object.entries({ dgram, dns, events, net, stream, timers, url })) walk(root, name, 4)
  for (const name of ['Array', 'Promise', 'Map', 'RegExp', 'Error', 'SyntaxError', 'Date', 'Intl', 'URL', 'AbortSignal', 'EventTarget', 'console', 'performance', 'process', 'setTimeout', 'queueMicrotask'])
    walk(Reflect.get(globalThis, name), name, 4)
  return [...found]
}
export const open = () => places().flatMap(([target, name]) => Object.isExtensible(target) ? [name] : [])
export const leaveAt = (name: string) => {
  const [target] = places().find((each) => each[1] === name) ?? []
  return target ? Reflect.defineProperty(target, 'left', { value: 1, configurable: true }) : false
}
export const left = (name: string) => {
  const [target] = places().find((each) => each[1] === name) ?? []
  return target !== undefined && Object.hasOwn(target, 'left')
}
`

/** Each spoils its process, and to start another one takes its time: WORKBOOK_WHOLE=1 tries all, four minutes long. */
const TRIED = process.env['WORKBOOK_WHOLE'] === '1' ? Infinity : 12

test('whatever a program can reach keeps no word for the next one', async () => {
  // A program that only looks leaves the process as it was: otherwise nothing could ever be found in it.
  const looks = [await gradeAndAsk(WALK, calling('open')), await gradeAndAsk(WALK, calling('open'))]
  expect(looks[1]?.pid).toBe(looks[0]?.pid)
  const open: string[] = []
  await gradeText(WALK, async ({ learner }) => void open.push(...(await learner.call<string[]>('open'))))
  expect(open.length).toBeGreaterThan(50)
  const step = Math.max(1, Math.floor(open.length / TRIED))
  const tried = open.filter((_, index) => index % step === 0)
  expect(tried.length).toBeGreaterThanOrEqual(Math.min(TRIED, open.length))
  const kept: string[] = []
  for (const place of tried) {
    const leaving = await gradeText(WALK, async ({ learner, expectEqual }) => {
      expectEqual(await learner.call('leaveAt', place), true, `a word left at ${place}`)
    })
    const looking = await gradeText(WALK, async ({ learner }) => {
      if (await learner.call<boolean>('left', place)) kept.push(place)
    })
    expect([told(leaving), told(looking)]).toEqual(['passed', 'passed'])
  }
  expect(kept).toEqual([])
})
