// Twelve small responses, a round trip of 100 ms, and one late request: how many are lost. Needs Linux and python3.
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { print, printTable } from './parts/table.ts'

const parts = path.join(import.meta.dirname, 'parts')
/** A user and a network of our own: what is set there ends with it, and nothing leaves it. */
const ownNetwork = ['--user', '--map-root-user', '--net']
const onThePath = ['python3', path.join(parts, 'distant-path.py')]
const program = [process.execPath, ...process.execArgv, path.join(parts, 'late-request.ts')]

const { status, stdout } = spawnSync('unshare', [...ownNetwork, ...onThePath, ...program], {
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'ignore'],
})
if (status === 0) {
  const rows = JSON.parse(stdout) as Array<Array<string | number>>
  printTable(
    ["server's close", 'late', 'bytes each', 'whole', 'bytes', 'client told'],
    rows,
  )
} else {
  print(
    'This demo needs python3 and a network of its own, which only Linux gives, and only where it lets users',
  )
  print(
    'have one (`unshare --user --map-root-user --net true` tells); the page shows what it prints.',
  )
}
