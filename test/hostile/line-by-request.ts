import net from 'node:net'

// A setter on the prototype of write requests gets those of the line to the grader as well, and with them the line.
export async function run(port: number): Promise<string> {
  const socket = net.connect(port, '127.0.0.1')
  await new Promise((resolve) => socket.once('connect', resolve))
  const { _handle: handle } = socket as unknown as { _handle: Record<string, (...args: unknown[]) => number> }
  const { writeUtf8String } = handle
  // From Node 26 on there is none for a write that ends at once; what all of them inherit from will do.
  let requests = Object.getPrototypeOf(handle) as object
  for (let next = requests; next !== Object.prototype; next = Object.getPrototypeOf(next) as object)
    requests = next
  Object.defineProperty(handle, 'writeUtf8String', {
    value(this: object, request: object | null, ...args: unknown[]) {
      if (request) requests = Object.getPrototypeOf(request) as object
      return writeUtf8String?.call(this, request, ...args)
    },
  })
  socket.write('x')
  for (const name of ['oncomplete', 'handle', 'buffer', 'async', 'callback']) {
    Object.defineProperty(requests, name, {
      set(this: { stolen?: unknown }, value: unknown) {
        Object.defineProperty(this, name, { value, writable: true, configurable: true })
        forge(value)
      },
    })
  }
  return 'x'.repeat(3_000_000)
}

function forge(channel: unknown): void {
  ;(channel as { close?(): void } | null)?.close?.()
}
