import { spawn, type ChildProcess } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test as base } from 'vitest'
import { root as origin } from '../../workbook/bundle/root.ts'
import { GREETING_LAB } from './greeting-lab.ts'

/** How a command ended. */
export interface Run {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** What of the real checkout a command needs: two labs, the first one and a tiny one, keep it quick. */
const PARTS = [
  'package.json',
  'package-lock.json',
  'workbook',
  'labs/kit',
  'labs/01-seven-steps',
  'solutions/01-seven-steps',
  'test/labs/01-seven-steps',
]

/** A copy of the checkout in a folder of its own, as a newcomer has it after `npm ci`. */
export class Checkout {
  readonly root = realpathSync(mkdtempSync(path.join(tmpdir(), 'checkout-')))

  constructor() {
    for (const part of PARTS) cpSync(path.join(origin, part), this.#at(part), { recursive: true })
    // Whoever runs these tests may have begun the lab.
    cpSync(this.#at('labs/01-seven-steps/.starter'), this.#at('labs/01-seven-steps/fetch-once.ts'))
    // The chapters stay away, and links to them would lead nowhere.
    const page = 'labs/01-seven-steps/README.md'
    this.write(page, this.read(page).replaceAll(/\]\(\.\.\/\.\.\/docs\/[^)]*\)/g, ']'))
    for (const [file, text] of Object.entries(GREETING_LAB)) this.write(file, text)
    symlinkSync(path.join(origin, 'node_modules'), this.#at('node_modules'))
  }

  write(file: string, text: string): void {
    mkdirSync(path.dirname(this.#at(file)), { recursive: true })
    writeFileSync(this.#at(file), text)
  }

  read(file: string): string {
    return readFileSync(this.#at(file), 'utf8')
  }

  exists(file: string): boolean {
    return existsSync(this.#at(file))
  }

  names(folder: string): string[] {
    return readdirSync(this.#at(folder))
  }

  makeFolder(folder: string): void {
    mkdirSync(this.#at(folder))
  }

  remove(file: string): void {
    rmSync(this.#at(file), { recursive: true })
  }

  /** Gives the copy a cache of its own, so that its learner processes can be told from all others. */
  unshareCache(): void {
    this.remove('node_modules')
    this.makeFolder('node_modules')
    for (const name of readdirSync(path.join(origin, 'node_modules'))) {
      if (name !== '.cache')
        symlinkSync(path.join(origin, 'node_modules', name), this.#at(`node_modules/${name}`))
    }
  }

  /** A command of the workbook, for example `grade 01`, without a terminal. */
  start(args: string, env: Readonly<Record<string, string>> = {}): ChildProcess {
    return this.#spawn(process.execPath, ['workbook/cli/start.mjs', ...args.split(' ').filter(Boolean)], env)
  }

  run(args: string, env?: Readonly<Record<string, string>>): Promise<Run> {
    return ended(this.start(args, env))
  }

  /** The same in a shell, where `workbook` stands for the command line. */
  shell(script: string): Promise<Run> {
    return ended(
      this.#spawn(
        '/bin/sh',
        ['-c', script.replaceAll('workbook', `"${process.execPath}" workbook/cli/start.mjs`)],
        {},
      ),
    )
  }

  #at(file: string): string {
    return path.join(this.root, file)
  }

  #spawn(command: string, args: readonly string[], env: Readonly<Record<string, string>>): ChildProcess {
    const { PATH = '', HOME = '' } = process.env
    return spawn(command, args, {
      cwd: this.root,
      env: { PATH, HOME, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  }
}

export function ended(child: ChildProcess): Promise<Run> {
  const printed = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]?.setEncoding('utf8').on('data', (text: string) => (printed[stream] += text))
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, ...printed }))
  })
}

/** A test with a copy of its own, so that tests can run side by side. */
export const test = base.extend<{ checkout: Checkout }>({
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads from the pattern which fixtures this one needs
  checkout: async ({}, use) => {
    const checkout = new Checkout()
    await use(checkout)
    rmSync(checkout.root, { recursive: true })
  },
})
