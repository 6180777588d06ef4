import { spawnSync } from 'node:child_process'

/**
 * The several programs that are called nc. What the end of the input means differs: OpenBSD's keeps the connection open
 * unless it is told -N, Nmap's and BusyBox's send a FIN at once, and the oldest one only leaves.
 */
export type Netcat = 'openbsd' | 'traditional' | 'sends-fin' | 'missing'

const PATIENCE_MILLISECONDS = 2_000

export function netcatHere(): Netcat {
  const { error, stdout, stderr } = spawnSync('nc', ['-h'], {
    encoding: 'utf8',
    timeout: PATIENCE_MILLISECONDS,
  })
  if (error && 'code' in error && error.code === 'ENOENT') return 'missing'
  return netcatOf(`${stdout ?? ''}${stderr ?? ''}`)
}

/** @param help - What `nc -h` prints. */
export function netcatOf(help: string): Exclude<Netcat, 'missing'> {
  if (/-N\s.*shutdown/i.test(help)) return 'openbsd'
  return /\[v1\.10/.test(help) ? 'traditional' : 'sends-fin'
}

/** `nc -N` as the nc of this machine takes it; who has none is shown the usual one. */
export function inNetcatsWords(line: string, netcat: Netcat | null): string {
  if (netcat === 'traditional') return line.replaceAll('nc -N', 'nc -q 1')
  return netcat === 'sends-fin' ? line.replaceAll('nc -N', 'nc') : line
}

/** What has to be known of it. */
export function netcatNote(netcat: Netcat | null): string[] {
  if (netcat === 'missing')
    return ['nc is not installed here; on Debian and Ubuntu: apt install netcat-openbsd']
  if (netcat === 'openbsd') return ['Without -N this nc would send no FIN at the end of its input.']
  return []
}
