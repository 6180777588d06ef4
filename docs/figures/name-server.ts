import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { Flight, Recording } from './recording.ts'

/** A name server on the loopback that answers every question for an address with 127.0.0.1 (RFC 1035 §4). */
export class NameServer {
  readonly #socket = createSocket('udp4')

  /** @param lanes - Of the one who asks and of this server. */
  static async open(recording: Recording, lanes: { client: string; server: string }): Promise<NameServer> {
    const names = new NameServer()
    const [there, back] = [
      { from: lanes.client, to: lanes.server },
      { from: lanes.server, to: lanes.client },
    ]
    names.#socket.on('message', (question, { port, address }) => {
      const name = nameIn(question)
      const asked: Flight = recording.sent({ ...there, label: `A ${name}?`, type: 'data' })
      asked.arrive()
      const answered = recording.sent({ ...back, label: '127.0.0.1', type: 'data' })
      names.#socket.send(answerTo(question), port, address)
      answered.arrive()
    })
    names.#socket.bind(0, '127.0.0.1')
    await once(names.#socket, 'listening')
    return names
  }

  /** As `setServers` takes it. */
  get address(): string {
    return `127.0.0.1:${this.#socket.address().port}`
  }

  close(): void {
    this.#socket.close()
  }
}

// --- internal ---

const HEADER = 12
/** Type, class. */
const TAIL = 4

/** Labels of a name, each behind its length; an empty one ends it. */
function labelsIn(question: Buffer): { labels: string[]; end: number } {
  const labels: string[] = []
  let at = HEADER
  for (let length = question[at] ?? 0; length > 0; length = question[at] ?? 0) {
    labels.push(question.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  return { labels, end: at + 1 }
}

function nameIn(question: Buffer): string {
  return labelsIn(question).labels.join('.')
}

function answerTo(question: Buffer): Buffer {
  const asked = question.subarray(HEADER, labelsIn(question).end + TAIL)
  const id = question.subarray(0, 2)
  const answerWithoutError = [0x81, 0x80]
  const oneQuestionOneAnswer = [0, 1, 0, 1, 0, 0, 0, 0]
  const [asAsked, address, internet] = [
    [0xc0, HEADER],
    [0, 1],
    [0, 1],
  ]
  const [seconds, length, loopback] = [
    [0, 0, 0, 60],
    [0, 4],
    [127, 0, 0, 1],
  ]
  const header = [answerWithoutError, oneQuestionOneAnswer].flat()
  const record = [asAsked, address, internet, seconds, length, loopback].flat()
  return Buffer.concat([id, Buffer.from(header), asked, Buffer.from(record)])
}
