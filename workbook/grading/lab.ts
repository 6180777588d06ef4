import type { Check } from './check.ts'
import type { Conversations } from './conversation.ts'

/** Drives the learner's program and says what it expects. Throws nothing of its own. */
export type CheckBody = (check: Check) => Promise<void>

export interface CheckDefinition {
  readonly lab: string
  /** For example `R3`. */
  readonly requirement: string
  /** A claim: `an idle connection is closed after idleMs, not before`. */
  readonly title: string
  readonly body: CheckBody
  /** What it plays, where it is no scene: the body plays nothing then. */
  readonly conversations?: Conversations<unknown>
}

export interface LabDefinition {
  readonly id: string
  readonly checks: readonly CheckDefinition[]
}

/** Adds a check of one requirement to the lab. */
export type AddCheck = (requirement: string, title: string, body: CheckBody) => void

/** Adds a check that plays conversations, scripts and drawn ones. */
export type AddConversations = <Step>(
  requirement: string,
  title: string,
  conversations: Conversations<Step>,
) => void

/** What becomes of a suite: Vitest's tests, unless somebody collects. */
type Receiver = (definition: LabDefinition) => void

let receiver: Receiver | null = null

/**
 * Defines a lab's suite. Under Vitest each check becomes a test; the tool's own tests collect the
 * definition and run it against solutions and wrong programs.
 *
 * @param id - The lab's folder name.
 * @param define - Adds the checks, in the order of the requirements.
 * @throws Error when two checks of a requirement have the same title.
 */
export function lab(
  id: string,
  define: (suite: { check: AddCheck; converse: AddConversations }) => void,
): void {
  const checks: CheckDefinition[] = []
  const add = (definition: Omit<CheckDefinition, 'lab'>): void => {
    const { requirement, title } = definition
    // Screens, records and `--seed` tell checks apart by it.
    if (checks.some((each) => each.requirement === requirement && each.title === title))
      throw new Error(`${requirement} has two checks called "${title}": give each a title of its own`)
    checks.push({ lab: id, ...definition })
  }
  define({
    check: (requirement, title, body) => add({ requirement, title, body }),
    converse: (requirement, title, conversations) =>
      add({ requirement, title, body: async () => undefined, conversations }),
  })
  if (!receiver) throw new Error('a suite runs under Vitest: npm run grade')
  receiver({ id, checks })
}

/** Says what becomes of the suites that are imported from here on. */
export function receiveLabs(next: Receiver | null): void {
  receiver = next
}
