import dns from 'node:dns'
import { isIP } from 'node:net'
import { promisify } from 'node:util'
import { report } from './channel.ts'
import { LONGEST_NAME } from '../hear-shapes.ts'
import { forbidden } from './forbidden.ts'

/**
 * The name system of a check: a table that the suite holds. Real resolvers are out of reach, so no
 * test depends on the machine's network.
 */

type Answer = (error: Error | null, address?: unknown, family?: number) => void
type Options = { family?: number | string; all?: boolean }

const answers = new Map<string, string>()
const nextTurn = setImmediate
const nextTick = process.nextTick.bind(process)

export function addNames(added: Readonly<Record<string, string>>): void {
  for (const [name, address] of Object.entries(added)) answers.set(name.toLowerCase(), address)
}

export function forgetNames(): void {
  answers.clear()
}

export function replaceResolvers(): void {
  const promises = dns.promises as unknown as Record<string, unknown>
  const callbacks = dns as unknown as Record<string, unknown>
  for (const module of [promises, callbacks]) {
    for (const [name, value] of Object.entries(module)) {
      if (typeof value === 'function')
        module[name] = forbidden(`dns.${name}`, 'a lab has names only through lookup and resolve')
    }
  }
  promises['lookup'] = (host: string, options?: Options | number) => lookupAsync(host, options)
  promises['resolve'] = promises['resolve4'] = async (host: string) => [
    (await find(host, 'queryA', 4)).address,
  ]
  promises['resolve6'] = async (host: string) => [(await find(host, 'queryAaaa', 6)).address]
  callbacks['lookup'] = Object.defineProperty(lookup, promisify.custom, { value: lookupAsync })
  for (const name of ['resolve', 'resolve4', 'resolve6']) {
    callbacks[name] = (host: string, ...rest: unknown[]) => {
      const answer = rest.at(-1) as Answer
      const isSix = name === 'resolve6'
      find(host, isSix ? 'queryAaaa' : 'queryA', isSix ? 6 : 4).then(
        ({ address }) => answer(null, [address]),
        answer,
      )
    }
  }
}

// --- internal ---

function lookup(host: string, ...rest: unknown[]): void {
  const answer = rest.at(-1) as Answer
  const options = normalize(rest.length > 1 ? (rest[0] as Options | number) : undefined)
  find(host, 'getaddrinfo', familyOf(options)).then((found) => {
    if (options.all) answer(null, [found])
    else answer(null, found.address, found.family)
  }, answer)
}

async function lookupAsync(host: string, options?: Options | number): Promise<unknown> {
  const found = await find(host, 'getaddrinfo', familyOf(normalize(options)))
  return normalize(options).all ? [found] : found
}

function normalize(options?: Options | number): Options {
  if (typeof options === 'number') return { family: options }
  return typeof options === 'object' && options !== null ? options : {}
}

/** 0 for any: whoever asks for one family alone does not hear of the other. */
function familyOf({ family = 0 }: Options): number {
  return Number(String(family).replace('IPv', ''))
}

/**
 * Answers in a later turn of the event loop, as a real lookup does. An address is no name, and nobody is asked: each
 * datagram that goes to one comes by here.
 */
function find(host: string, syscall: string, family: number): Promise<{ address: string; family: number }> {
  // Of a name without end not a byte is looked at before its turn: looking makes a copy of it.
  const isAddress = host.length <= LONGEST_NAME && isIP(host) !== 0
  return new Promise((resolve, reject) => {
    ;(isAddress ? nextTick : nextTurn)(() => {
      const known = answers.get(host.toLowerCase()) ?? (host === 'localhost' ? '127.0.0.1' : undefined)
      const address = isAddress ? host : known
      if (!isAddress)
        report({ event: 'lookup', host: host.slice(0, LONGEST_NAME), answer: address ?? 'ENOTFOUND' })
      if (address === 'EAI_AGAIN') return reject(failed(host, syscall, address, -3001))
      const isOfFamily = family === 0 || (address !== undefined && isIP(address) === family)
      if (address !== undefined && isOfFamily) resolve({ address, family: isIP(address) })
      else reject(failed(host, syscall, 'ENOTFOUND', -3008))
    })
  })
}

function failed(hostname: string, syscall: string, code: string, errno: number): Error {
  const error = new Error(`${syscall} ${code} ${hostname}`)
  return Object.assign(error, { errno, code, syscall, hostname })
}
