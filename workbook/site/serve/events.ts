import type { IncomingMessage, ServerResponse } from 'node:http'

/** One stream of named events to every page that is open (server-sent events). */
export class EventStream {
  readonly #open = new Set<ServerResponse>()

  attach(request: IncomingMessage, response: ServerResponse): void {
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
    })
    // Something has to come before the browser takes the stream for open.
    response.write(': open\n\n')
    this.#open.add(response)
    request.once('close', () => this.#open.delete(response))
  }

  /** @param data - Whatever JSON can say. */
  send(name: string, data: unknown): void {
    for (const response of this.#open) response.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`)
  }

  close(): void {
    for (const response of this.#open) response.end()
    this.#open.clear()
  }
}
