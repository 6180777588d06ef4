/** What a course is made of, as read from `labs/NN-name/README.md` (see readme.ts for the format). */

export interface Course {
  /** Version of the course's content, from package.json. Every report carries it. */
  readonly version: string
  /** What the teacher of a handout calls it; null in a full checkout. */
  readonly title: string | null
  /** Absolute path of the checkout. */
  readonly root: string
  /** In the order of teaching, which is the order of their numbers. */
  readonly labs: readonly Lab[]
}

export interface Lab {
  /** Folder name, for example `42-greeting`. */
  readonly id: string
  /** The two digits in front, for example `42`. */
  readonly number: string
  readonly title: string
  /** The learner's file inside the lab's folder, for example `greeting.ts`. */
  readonly entry: string
  /** Names that the entry file exports. */
  readonly exports: readonly string[]
  /** Modules of Node's that it may import besides those of every lab. */
  readonly modules: readonly string[]
  /** Ids of docs/inventory.md that this lab practises, for example `1.04` or `A.5`. */
  readonly covers: readonly string[]
  /** Sections to read, for example `RFC 9112 §6.3`. */
  readonly rfc: readonly string[]
  /** Numbers of the labs that come before this one. */
  readonly needs: readonly string[]
  /** How long a learner takes, in minutes. */
  readonly minutes: number
  /** One of those that everybody should do. */
  readonly core: boolean
  /** Page of the docs to read first, relative to the root, if there is one. */
  readonly read: string | null
  readonly requirements: readonly Requirement[]
  /** From the optional predictions.md beside the README; empty without one. */
  readonly predictions: readonly Prediction[]
}

export interface Requirement {
  /** `R1`, `R2`, … without gaps. */
  readonly id: string
  /** The sentence the learner reads, as plain text. */
  readonly text: string
  /** Points; 1 unless the front matter says otherwise. */
  readonly weight: number
  /** Where the docs explain what it asks for, if the front matter says so. */
  readonly section: PageSection | null
  /** Layer by layer: the first says least. */
  readonly hints: readonly string[]
  /** Line of the README where the requirement stands, counted from 1. */
  readonly line: number
}

/** A section of a page of the docs. */
export interface PageSection {
  /** Relative to the root. */
  readonly page: string
  readonly heading: string
}

export interface Prediction {
  /** `P1`, `P2`, … without gaps. */
  readonly id: string
  readonly question: string
  readonly choices: readonly Choice[]
}

export interface Choice {
  /** `a`, `b`, … */
  readonly id: string
  readonly text: string
  readonly ticked: boolean
}
