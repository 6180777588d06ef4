// Attacks whatever emits: hears what the grader's own objects are told, and tells them nothing.
import { EventEmitter } from 'node:events'

const heard: unknown[] = []
const { emit } = EventEmitter.prototype
EventEmitter.prototype.listenerCount = function listenerCount(this: unknown) {
  heard.push(this)
  return 0
}
EventEmitter.prototype.emit = function spy(this: EventEmitter, ...args: Parameters<typeof emit>) {
  if (args[0] === 'message') heard.push(args[1])
  return emit.apply(this, args)
}

export async function run(): Promise<string> {
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
  return heard.length === 0 ? 'done' : `heard ${heard.length} times`
}
