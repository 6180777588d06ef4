import { createTwoFilesPatch } from 'diff'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { root } from '../../workbook/bundle/root.ts'

/** The lab that CONTRIBUTING.md builds, so that whoever follows that page gets what it promises. */
const PAGE = readFileSync(path.join(root, 'CONTRIBUTING.md'), 'utf8')

const STARTER = block('export async function serveGreeting')

const SOLUTION = `import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'
import type { RunningServer } from '../../labs/kit/http.ts'

export async function serveGreeting(options: { name: string }): Promise<RunningServer> {
  // #region greet
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined)
    socket.write(\`hello from \${options.name}\\r\\n\`)
    socket.once('end', () => socket.end()).resume()
  })
  // #endregion greet
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { port, close: () => new Promise((resolve) => server.close(() => resolve())) }
}
`

/** The same as a learner writes it. */
export const GREETING = SOLUTION.replace('../../labs/kit', '../kit')

/** Path relative to the root → text. */
export const GREETING_LAB: Readonly<Record<string, string>> = {
  'labs/42-greeting/README.md': block('title: A server that speaks first'),
  'labs/42-greeting/predictions.md': block('# Predict: a server that speaks first'),
  'labs/42-greeting/greeting.ts': STARTER,
  'labs/42-greeting/.starter': STARTER,
  'solutions/42-greeting/greeting.ts': SOLUTION,
  'test/labs/42-greeting/suite.test.ts': block("lab('42-greeting'"),
  'test/labs/42-greeting/model.ts': block('export interface Client'),
  'test/labs/42-greeting/conversations.ts': block('export const CLIENTS'),
  'test/labs/42-greeting/wrong/says-nothing.patch': [
    'Waits for the client to speak first.',
    'fails: R1',
    'also: R2',
    '',
    createTwoFilesPatch(
      'a/greeting.ts',
      'b/greeting.ts',
      SOLUTION,
      SOLUTION.replace('socket.write(', 'void ('),
    ),
  ].join('\n'),
  'test/labs/42-greeting/wrong/hangs-up.patch': block('fails: R2'),
}

// --- internal ---

/** The block of code on the page that holds the text. */
function block(text: string): string {
  const blocks = [...PAGE.matchAll(/^```\w+\n([\s\S]*?)^```$/gm)].map((match) => match[1] ?? '')
  const found = blocks.find((each) => each.includes(text))
  if (found === undefined)
    throw new Error(`CONTRIBUTING.md has no block of code with ${JSON.stringify(text)}`)
  return found
}
