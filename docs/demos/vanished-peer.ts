// A machine that vanishes without a word: who waits hears of it after seconds, after minutes, or never.
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import net from 'node:net'
import { setTimeout as after } from 'node:timers/promises'
import { CABLE, FAR, FarMachine } from './parts/far-machine.ts'
import { connect } from './parts/loopback.ts'
import { inOwnNetwork } from './parts/own-network.ts'
import { print, printTable } from './parts/table.ts'

/** In the network of the far machine, and nobody has it. */
const NOBODY = '192.0.2.99'

/** Otherwise this demo would take a quarter of an hour. */
const SHORTER: ReadonlyArray<readonly [name: string, here: number, usual: number]> = [
  ['tcp_syn_retries', 2, 6],
  ['tcp_retries2', 3, 15],
]

/** Who hears nothing for so long has heard enough. */
const ENOUGH = 13_000

/** What is heard on a socket, and after how long. */
async function outcomeOf(socket: net.Socket): Promise<[heard: string, after: string]> {
  const begin = performance.now()
  const error = once(socket, 'error') as Promise<[NodeJS.ErrnoException]>
  const heard = await Promise.race([error, after(ENOUGH)])
  if (heard === undefined) return ['nothing, and it is open', '']
  return [
    heard[0].code ?? heard[0].message,
    `${((performance.now() - begin) / 1000).toFixed(1)} s`,
  ]
}

// #region limit
/** Breaks the connection off after too long a silence. The program does it, and not TCP. */
function limitSilence(socket: net.Socket, ms: number): void {
  socket.setTimeout(ms, () => socket.destroy(new Error(`nothing came for ${ms} ms`)))
}
// #endregion limit

/** Some lines of what a command prints, without what is in every line or belongs to this run alone. */
function tell(command: string, words: readonly string[], pattern: RegExp): void {
  const { stdout } = spawnSync(command, words, { encoding: 'utf8' })
  for (const line of stdout.split('\n').filter((each) => pattern.test(each))) {
    print(`  ${line.trim().replaceAll(/ +/g, ' ')}`)
  }
}

await inOwnNetwork(async () => {
  for (const [name, here] of SHORTER) writeFileSync(`/proc/sys/net/ipv4/${name}`, `${here}`)
  const far = await FarMachine.start()
  const open = (): Promise<net.Socket> => connect(far.port, { host: FAR, noDelay: true })
  const [writer, probing, waiting, limited] = [
    await open(),
    await open(),
    await open(),
    await open(),
  ]
  probing.setKeepAlive(true, 1000)
  await far.vanish()
  limitSilence(limited, 2000)
  writer.write('are you there?')
  const waits = [
    [
      'connect, to an address that no machine has',
      outcomeOf(net.connect({ host: NOBODY, port: far.port })),
    ],
    [
      'connect, to the machine that has vanished',
      outcomeOf(net.connect({ host: FAR, port: far.port })),
    ],
    ['write, on a connection to it', outcomeOf(writer)],
    ['wait, with keepalive after 1 s', outcomeOf(probing)],
    ['wait, with a limit of its own of 2 s', outcomeOf(limited)],
    ['wait', outcomeOf(waiting)],
  ] as const
  await after(4500)
  print('What the kernel knows after four and a half seconds:')
  print()
  tell('ss', ['-tnoH'], /timer/)
  tell('ip', ['neigh'], /^192/)
  print()
  const heard = await Promise.all(waits.map(([, outcome]) => outcome))
  printTable(
    ['what a program does', 'what it hears', 'after'],
    waits.map(([name], index) => [name, ...(heard[index] ?? [])]),
  )
  print()
  printTable(['made shorter for this demo', 'here', 'usually'], SHORTER)
  far.stop()
  waiting.destroy()
}, CABLE)
