// A client with six connections to a host, as browsers have: six streams that stay open, and a seventh request.
import http from 'node:http'
import { listen } from './parts/listen.ts'
import { quiet } from './parts/quiet.ts'

const open: http.ServerResponse[] = []
const asked: string[] = []
const server = http.createServer((request, response) => {
  asked.push(request.url ?? '')
  if (request.url === '/price') response.end('4.20')
  else open.push(response.writeHead(200, { 'Content-Type': 'text/event-stream' }))
  response.flushHeaders()
})
const port = await listen(server)
const agent = new http.Agent({ keepAlive: true, maxSockets: 6 })

const answered: string[] = []
for (let tab = 1; tab <= 6; tab++) get(`/events?tab=${tab}`)
get('/price')

await quiet()
tell('six tabs listen, and one asks for a price')
open[0]?.end()
await quiet()
tell('the first tab is closed')
agent.destroy()
server.close()
server.closeAllConnections()

function get(path: string): void {
  http
    .get({ port, host: '127.0.0.1', path, agent }, (response) => {
      response.resume().once('end', () => answered.push(path))
    })
    // The streams that are still open at the end are torn off.
    .once('error', () => {})
}

function tell(what: string): void {
  process.stdout.write(`${what}\n`)
  process.stdout.write(`  the server has seen      ${asked.length} requests\n`)
  process.stdout.write(
    `  the price has come       ${answered.includes('/price') ? 'yes' : 'no'}\n`,
  )
}
