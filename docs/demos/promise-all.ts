// Three hundred requests at once from Node: how many connections a slow server gets to hold.
import http from 'node:http'
import { listen } from './parts/listen.ts'
import { printTable } from './parts/print-table.ts'
import { quiet } from './parts/quiet.ts'

const REQUESTS = 300
let connections = 0
/** Answers that the server holds back until nobody can send more. */
const held: http.ServerResponse[] = []
const server = http.createServer((_, response) => held.push(response))
server.on('connection', () => connections++)
const port = await listen(server)

// #region agents
const agents = {
  'as Node comes': new http.Agent({ keepAlive: true }),
  'maxSockets: 6': new http.Agent({ keepAlive: true, maxSockets: 6 }),
}
// #endregion agents

const rows: Array<Array<string | number>> = []
for (const [name, agent] of Object.entries(agents)) {
  connections = 0
  const answers = Promise.all(Array.from({ length: REQUESTS }, () => get(agent)))
  await quiet()
  const atOnce = held.length
  while (held.length > 0) {
    for (const response of held.splice(0)) response.end('ok')
    await quiet()
  }
  rows.push([name, connections, atOnce, (await answers).length])
  agent.destroy()
}
server.close()
printTable(['agent', 'connections', 'requests held at once', 'answers'], rows)

function get(agent: http.Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    http
      .get({ port, host: '127.0.0.1', agent }, (response) =>
        response.resume().once('end', resolve),
      )
      .once('error', reject)
  })
}
