/**
 * Lab 11: parallel connections. A page and its images, over a few connections at a time.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-9.4 | RFC 9112 §9.4} (concurrency)
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-9.3 | RFC 9112 §9.3} (persistence)
 */
import type { Response } from '../kit/http.ts'
import { todo } from '../kit/todo.ts'

// Useful here: parseHead, parseResponseHead, formatRequest and field from '../kit/'.

/** An image with its answer, or with the reason why it has none. */
export type Image =
  | { readonly target: string; readonly response: Response }
  | { readonly target: string; readonly failed: string }

export interface Page {
  readonly response: Response
  /** In the order of the document. */
  readonly images: readonly Image[]
}

/** What could be shown now: so many bytes of this target's body. */
export interface PageEvent {
  readonly target: string
  readonly bytes: number
  readonly state: 'some' | 'whole' | 'failed'
}

export interface PageOptions {
  /** Most connections that are open at one time, the page's own included. */
  readonly maxConnections: number
  /** Whether a connection carries further requests; false if not given. */
  readonly reuse?: boolean
  readonly onEvent?: (event: PageEvent) => void
}

/**
 * The images that this HTML shows, as request targets in the order of the document.
 *
 * @param html - A page, or as much of it as has come.
 */
export function imageTargets(html: string): string[] {
  // TODO(R1): comments, tags, attributes; each target once; nothing of what is not whole.
  return todo('imageTargets')
}

/**
 * Gets a page and its images from 127.0.0.1.
 *
 * @throws The system's error, where the page itself fails.
 */
export async function loadPage(port: number, target: string, options: PageOptions): Promise<Page> {
  // TODO(R2): the page, as it was; when all is settled, no socket is left.
  // TODO(R3): ask for an image as soon as its tag has come.
  // TODO(R4): never more than `maxConnections`; the others wait in their order.
  // TODO(R5): the images in the order of the document.
  // TODO(R6): a failure is one image's alone.
  // TODO(R7): without `reuse`, a connection for each request, closed when its answer is whole.
  // TODO(R8): with `reuse`, a kept connection before a new one.
  // TODO(R9): tell `onEvent` what has come.
  return todo('loadPage')
}

/** Images that are all known from the beginning, and the line over which they come. */
export interface Objects {
  readonly objects: number
  /** Of each answer, with its head. */
  readonly bytes: number
  readonly rttMs: number
  readonly bytesPerMs: number
  readonly maxConnections: number
}

/** The fewest connections that are nearly as quick as the quickest, and the time that they take. */
export function quickest(o: Objects): { connections: number; ms: number } {
  // TODO(R10): what is waited for together, and what passes one after the other?
  return todo('quickest')
}
