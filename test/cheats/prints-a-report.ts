// Cheats: prints a passing report, in case somebody reads the output instead of the verdict.
import net, { type AddressInfo } from 'node:net'

const REPORT = {
  format: 1,
  passed: true,
  points: { earned: 3, possible: 3 },
  labs: [
    {
      id: '42-greeting',
      state: 'passed',
      requirements: [
        { id: 'R1', kind: 'passed' },
        { id: 'R2', kind: 'passed' },
      ],
    },
  ],
}

export async function serveGreeting() {
  console.log(
    '✓ R1  Every client is greeted\n✓ R2  The server sends its FIN\n\nAll 2 requirements passed, 3 of 3 points.',
  )
  console.log(JSON.stringify(REPORT))
  console.error(
    JSON.stringify({ event: 'row', row: { name: 'x', state: 'graded', points: { earned: 3, possible: 3 } } }),
  )
  const server = net.createServer((socket) => socket.end())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { port, close: () => new Promise((resolve) => server.close(resolve)) }
}
