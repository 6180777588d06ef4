import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import type net from 'node:net'

/** Only inside of `inOwnNetwork`: the algorithm that adapts the window, for connections made from now on. */
export function useAlgorithm(name: string): void {
  writeFileSync('/proc/sys/net/ipv4/tcp_congestion_control', name)
}

/** The congestion window of a connection in segments, as `ss -ti` tells it. */
export function windowOf({ localPort }: net.Socket): number {
  const { stdout } = spawnSync('ss', ['-tinH', `sport = :${localPort}`], {
    encoding: 'utf8',
  })
  return Number(/\bcwnd:(\d+)/.exec(stdout)?.[1])
}
