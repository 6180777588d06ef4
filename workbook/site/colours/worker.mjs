/** The program of the thread that colours code: it answers in the order in which it is asked. */
import { parentPort } from 'node:worker_threads'
import { colour } from './colour.mjs'

let last = Promise.resolve()

parentPort.on('message', ({ code, language }) => {
  last = last.then(async () => parentPort.postMessage(await colour(code, language)))
})
