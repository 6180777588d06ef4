import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import type net from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { startOrigin, startProxy } from '../../../solutions/19-capstone-proxy/proxy-cache.ts'

/**
 * Requests a second of lab 19's origin and proxy beside Node's own server and a proxy made of it, in turns, by wrk:
 * `npx tsx test/workbook/peers/capstone-bench.ts [SECONDS]`. A minute of it also shows whether memory stays flat.
 */

const [seconds = '3'] = process.argv.slice(2)
const LIMITS = {
  idleMs: 60_000,
  headMs: 60_000,
  bodyMs: 60_000,
  maxHeadBytes: 32_768,
  maxBodyBytes: 10_000_000,
  maxConnections: 500,
  graceMs: 1_000,
}
const BODY = Buffer.alloc(1_000, 'x')
const fields = {
  'Content-Type': 'text/plain',
  ETag: '"x"',
  'Cache-Control': 'max-age=60',
  'Content-Length': 1_000,
}

const folder = mkdtempSync(path.join(tmpdir(), 'workbook-wrk-'))
const pipelined = path.join(folder, 'pipelined.lua')
writeFileSync(
  pipelined,
  `init = function() local all = {} for i = 1, 16 do all[i] = wrk.format("GET", "/a.txt") end sixteen = table.concat(all) end
request = function() return sixteen end
`,
)

const origin = await startOrigin({ '/a.txt': BODY }, LIMITS)
const address = { host: '127.0.0.1', port: origin.port }
const options = { ...LIMITS, routes: () => address, now: Date.now }
const [caching, passing] = [
  await startProxy({ ...options, cacheBytes: 1e6 }),
  await startProxy({ ...options, cacheBytes: 0 }),
]
const node = await listening(http.createServer((_, response) => response.writeHead(200, fields).end(BODY)))
const agent = new http.Agent({ keepAlive: true })
const nodeProxy = await listening(
  http.createServer((request, response) => {
    const onward = { ...address, path: request.url, method: request.method, headers: request.headers, agent }
    const asked = http.request(onward, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    request.pipe(asked)
  }),
)

const ours = { origin: origin.port, 'cached by the proxy': caching.port, 'through the proxy': passing.port }
for (const [what, script] of [
  ['kept', []],
  ['pipelined by 16', ['-s', pipelined]],
] as const)
  for (const [name, port] of Object.entries(ours)) {
    const theirs = name === 'through the proxy' ? nodeProxy : node
    // One run each to warm up, and then the one that counts.
    await measure(port, '1', script)
    await measure(theirs, '1', script)
    const [mine, beside] = [await measure(port, seconds, script), await measure(theirs, seconds, script)]
    const memory = Math.round(process.memoryUsage().rss / 1e6)
    console.log(
      `${name}, ${what}: ${told(mine)}; beside it ${told(beside)}; ${(mine.rate / beside.rate).toFixed(2)} times, by CPU time ${(beside.cpu / mine.cpu).toFixed(2)}; ${memory} MB`,
    )
  }
rmSync(folder, { recursive: true })
process.exit(0)

// --- internal ---

async function listening(server: http.Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as net.AddressInfo).port
}

interface Measured {
  readonly rate: number
  /** Of this process, which holds all servers: microseconds a request. A busy machine does not change it much. */
  readonly cpu: number
}

function told({ rate, cpu }: Measured): string {
  return `${Math.round(rate)} a second (${cpu.toFixed(1)} µs)`
}

async function measure(port: number, duration: string, script: readonly string[]): Promise<Measured> {
  const before = process.cpuUsage()
  const args = ['-t1', '-c20', `-d${duration}s`, ...script, `http://127.0.0.1:${port}/a.txt`]
  const { stdout } = await promisify(execFile)('wrk', args)
  const { user, system } = process.cpuUsage(before)
  if (/Socket errors|Non-2xx/.test(stdout)) console.log(stdout)
  const requests = Number(/(\d+) requests in/.exec(stdout)?.[1])
  return { rate: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]), cpu: (user + system) / requests }
}
