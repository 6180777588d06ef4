import { platform } from 'node:process'
import { holdRefusedPort } from './refused-port.ts'

/** Ports on 127.0.0.1 from which somebody may connect, and that the system gives to nobody. */
export interface LocalPorts {
  readonly ports: readonly number[]
  release(): void
}

/**
 * Linux lets a program bind a port that is held here, as nobody listens on it. Elsewhere it does not: there the ports
 * are let go at once, and were free a moment ago.
 */
export function holdLocalPorts(count: number): LocalPorts {
  const held = Array.from({ length: count }, () => holdRefusedPort())
  const release = (): void => {
    for (const each of held) each.release()
  }
  if (platform !== 'linux') release()
  return {
    ports: held.map(({ port }) => port),
    release: platform === 'linux' ? release : () => undefined,
  }
}
