// A client ends its output and waits: one option of the server decides whether it gets its answer.
import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'

console.log("server's allowHalfOpen   bytes arrived   the server's write")
for (const allowHalfOpen of [false, true]) {
  const { bytes, written } = await ask(allowHalfOpen)
  console.log(`${String(allowHalfOpen).padEnd(24)} ${String(bytes).padEnd(15)} ${written}`)
}

async function ask(allowHalfOpen: boolean): Promise<{ bytes: number; written: string }> {
  let written = 'none'
  // #region server
  const server = createServer({ allowHalfOpen }, (socket) => {
    socket.on('error', () => {})
    socket.resume()
    socket.on('end', () => {
      // The answer takes a moment: a query to a database, for instance.
      setImmediate(() => {
        socket.write('the answer, at last\n', (error) => {
          written = (error as NodeJS.ErrnoException | null)?.code ?? 'ok'
        })
        socket.end()
      })
    })
  })
  // #endregion server
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  // #region client
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  client.end('the question\n')
  let bytes = 0
  client.on('data', (chunk) => (bytes += chunk.length))
  await once(client, 'close')
  // #endregion client
  server.close()
  await once(server, 'close')
  return { bytes, written }
}
