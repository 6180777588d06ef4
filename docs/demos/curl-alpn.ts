// What curl says about the version of HTTP that it has agreed on, and what it was told of another. Needs curl.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import http2 from 'node:http2'
import { text } from 'node:stream/consumers'
import { listen } from './parts/listen.ts'
import { selfSigned } from './parts/self-signed.ts'

const NAME = 'a.example'
const server = http2.createSecureServer(
  { ...selfSigned(NAME), allowHTTP1: true },
  (_, response) => {
    response.setHeader('Alt-Svc', 'h3=":443"; ma=86400')
    response.end()
  },
)
const port = await listen(server)
// Without -s, a slow machine gets a line about the progress in between.
const curl = spawn(
  'curl',
  [
    '-sv',
    '--http2',
    '-k',
    '--resolve',
    `${NAME}:${port}:127.0.0.1`,
    `https://${NAME}:${port}/`,
  ],
  { stdio: ['ignore', 'ignore', 'pipe'] },
)
try {
  const [said] = await Promise.all([text(curl.stderr), once(curl, 'exit')])
  const telling = said.split('\n').filter((line) => /ALPN|HTTP\/|alt-svc/.test(line))
  for (const line of telling) process.stdout.write(`${line.trimEnd()}\n`)
} catch {
  process.stdout.write('There is no curl on this machine.\n')
}
server.close()
