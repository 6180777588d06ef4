// The settings that the chapters name, as they are on this machine: of the kernel, and of Node.
import { once } from 'node:events'
import http from 'node:http'
import net from 'node:net'
import { countNoDelay } from './parts/handle.ts'
import { kernelSetting } from './parts/linux.ts'
import { connect, listen } from './parts/loopback.ts'
import { print, printTable } from './parts/table.ts'

const KERNEL: ReadonlyArray<readonly [name: string, meaning: string]> = [
  ['tcp_syn_linear_timeouts', 'so many more waits of 1 s for a SYN, before they double'],
  ['tcp_congestion_control', 'the algorithm that adapts the congestion window'],
  [
    'tcp_slow_start_after_idle',
    '1: after idling, reno and cubic make the window smaller; bbr does not ask',
  ],
  ['tcp_window_scaling', '1: a receive window may be larger than 64 KiB'],
  ['tcp_sack', '1: acknowledgements tell what has come behind a gap'],
  ['tcp_syn_retries', 'for so long a SYN is sent again: so many waits that double'],
  ['tcp_retries2', 'and data, before ETIMEDOUT'],
  [
    'tcp_keepalive_time',
    'seconds of silence before TCP asks, where a program has switched that on',
  ],
  ['tcp_tw_reuse', 'use waiting ports: 0 no, 1 yes, 2 on loopback'],
  ['tcp_tw_reuse_delay', 'and after so many milliseconds'],
  ['tcp_timestamps', 'not 0: segments carry a time, so that this is safe'],
  ['tcp_fin_timeout', 'seconds in FIN-WAIT-2; TIME-WAIT is fixed'],
  ['ip_local_port_range', 'ports for connections that this machine opens'],
]

async function oneTcpConnection(): Promise<void> {
  const server = net.createServer()
  const socket = await connect(await listen(server))
  socket.destroy()
  server.close()
}

async function oneHttpTransaction(): Promise<void> {
  const server = http.createServer((_, response) => void response.end())
  const port = await listen(server)
  const request = http.get({ host: '127.0.0.1', port, agent: new http.Agent() })
  const [response] = (await once(request, 'response')) as [http.IncomingMessage]
  await once(response.resume(), 'end')
  server.close()
}

const yes = (holds: boolean): string => (holds ? 'yes' : 'no')

if (process.platform === 'linux') {
  const rows = KERNEL.map(([name, meaning]) => [
    name,
    kernelSetting(name) ?? 'none',
    meaning,
  ])
  printTable(['setting of the kernel', 'here', 'meaning'], rows)
} else {
  print('The settings of the kernel are shown on Linux only.')
}
print()
printTable(
  [`default of Node ${process.version.slice(1)}`, 'here'],
  [
    [
      'connections that node:net opens or accepts have TCP_NODELAY',
      yes((await countNoDelay(oneTcpConnection)) > 0),
    ],
    [
      'both ends of a connection of node:http have TCP_NODELAY',
      yes((await countNoDelay(oneHttpTransaction)) === 2),
    ],
    [
      'a name with several addresses: they are tried in turn',
      yes(net.getDefaultAutoSelectFamily()),
    ],
    [
      '  and each gets this long before the next',
      `${net.getDefaultAutoSelectFamilyAttemptTimeout()} ms`,
    ],
  ],
)
