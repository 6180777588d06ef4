// What curl sends to a proxy, Proxy-Connection among it. Needs curl.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { listen } from './parts/listen.ts'

const proxy = createServer((socket) => {
  socket.once('data', (bytes) => {
    // The version of curl is its own affair.
    const head = String(bytes).replace(/^User-Agent: .*\r\n/m, '')
    process.stdout.write(head.trimEnd().replaceAll('\r', ''))
    process.stdout.write('\n')
    socket.end('HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n')
  })
})
const port = await listen(proxy)
const curl = spawn('curl', [
  '--silent',
  '--proxy',
  `http://127.0.0.1:${port}`,
  'http://harbour.example/tides',
])
try {
  await once(curl, 'exit')
} catch {
  process.stdout.write('There is no curl on this machine.\n')
}
proxy.close()
