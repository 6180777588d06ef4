// The dumb proxy's hang: keep-alive is relayed both ways, and the second request is never answered.
import { startBlindRelay } from './parts/blind-relay.ts'
import { startKeepingOrigin } from './parts/keeping-origin.ts'
import { quiet } from './parts/quiet.ts'
import { RawClient } from './parts/raw-client.ts'

let reachedOrigin = 0
const origin = await startKeepingOrigin(() => void reachedOrigin++)
const proxy = await startBlindRelay(origin.port, (way, head) =>
  way === 'onward' ? tell('proxy  > origin', head) : tell('origin > proxy', head),
)
const client = await RawClient.connect(proxy.port)

await ask('/1')
tell('proxy  > client', client.text)
await ask('/2')

process.stdout.write(
  '(nothing)         every byte has been read, and nobody has anything left to do\n\n',
)
process.stdout.write('requests sent       2\n')
process.stdout.write(`reached the origin  ${reachedOrigin}\n`)
process.stdout.write(`responses           ${client.statuses.length}\n`)
process.stdout.write(
  `the connection is   ${client.end === 'open' ? 'open, and stays so' : client.end}\n`,
)
client.close()
await quiet()
proxy.close()
origin.close()

async function ask(path: string): Promise<void> {
  const head = [`GET ${path} HTTP/1.0`, 'Connection: keep-alive']
  tell('client > proxy', head.join('\r\n'))
  client.send(head)
  await quiet()
}

/** The start line and the Connection field of a head. */
function tell(way: string, head: string): void {
  const [start = '', ...fields] = head.split('\r\n')
  const connection =
    fields.find((line) => line.startsWith('Connection')) ?? 'no Connection field'
  process.stdout.write(`${way.padEnd(15)}   ${start.padEnd(15)}   ${connection}\n`)
}
