import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { print } from './table.ts'

/**
 * Runs a part of a demo in a network of its own: what is set there ends with it, and nobody else notices.
 * The demo is started once more, as the owner of that network, and its second run comes to `part`.
 *
 * @param needs - A command that succeeds there where the demo can run.
 */
export async function inOwnNetwork(
  part: () => Promise<void>,
  needs = 'true',
): Promise<void> {
  if (process.env[INSIDE] !== undefined) return part()
  if (
    spawnSync('unshare', [...OWN_NETWORK, 'sh', '-c', needs], { stdio: 'ignore' })
      .status !== 0
  ) {
    print(
      'This demo needs a network of its own, which only Linux gives, and only where it lets users have one',
    )
    print(
      '(`unshare --user --map-root-user --net true` tells); the page shows what it prints.',
    )
    return
  }
  const [node, ...rest] = process.argv
  const command = [...OWN_NETWORK, node ?? process.execPath, ...process.execArgv, ...rest]
  const env = { ...process.env, [INSIDE]: 'yes' }
  const [code] = (await once(
    spawn('unshare', command, { stdio: 'inherit', env }),
    'exit',
  )) as [number | null]
  process.exitCode = code ?? 1
}

/** Calls `ip`, which configures the network. */
export function ip(...words: readonly string[]): void {
  const { status, stderr } = spawnSync('ip', words, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`ip ${words.join(' ')}: ${stderr}`)
}

// --- internal ---

const INSIDE = 'DEMO_IN_OWN_NETWORK'

/** A user and a network of our own, with its loopback up. */
const OWN_NETWORK = [
  '--user',
  '--map-root-user',
  '--net',
  'sh',
  '-c',
  'ip link set lo up && exec "$@"',
  'sh',
]
