import { writeFileSync } from 'node:fs'

/** Outside of the usual range, in which the demos' servers listen. */
const RANGE = { first: 20_000, last: 20_031 }

/** How many ports are left. */
export const PORTS = RANGE.last - RANGE.first + 1

/** Leaves few ports for connections that are opened; only inside of `inOwnNetwork`. */
export function cutRange(): void {
  writeFileSync('/proc/sys/net/ipv4/ip_local_port_range', `${RANGE.first} ${RANGE.last}`)
}
