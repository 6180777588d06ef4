import type { IncomingMessage, ServerResponse } from 'node:http'

/** One stream of named events to every page that is open (server-sent events). */
export class EventStream {
  readonly #open = new Set<ServerResponse>()
  /** What a page that is opened later has to know too, by name. */
  readonly #kept = new Map<string, string>()

  attach(request: IncomingMessage, response: ServerResponse): void {
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
    })
    // Something has to come before the browser takes the stream for open.
    response.write(': open\n\n')
    for (const message of this.#kept.values()) response.write(message)
    this.#open.add(response)
    request.once('close', () => this.#open.delete(response))
  }

  /** @param data - Whatever JSON can say. */
  send(name: string, data: unknown): void {
    for (const response of this.#open) response.write(messageOf(name, data))
  }

  /** Sends a state: a page that is opened later gets the last one of this name at once. */
  keep(name: string, data: unknown): void {
    this.#kept.set(name, messageOf(name, data))
    this.send(name, data)
  }

  close(): void {
    for (const response of this.#open) response.end()
    this.#open.clear()
  }
}

// --- internal ---

function messageOf(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
}
