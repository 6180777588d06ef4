/**
 * What a silence does to a congestion window: a sender that has sent nothing for longer than its
 * retransmission timeout knows its path no more, and begins again with at most the initial window
 * (RFC 5681 §4.1).
 */
export interface IdleRestart {
  readonly rtoMs: number
  /** What a round trip lasts, so that logical time counts as well. */
  readonly roundTripMs: number
  /** Virtual milliseconds, which pass beside the logical time. */
  now(): number
}

/** What is known of a sender. */
export interface Sender {
  readonly window: number
  readonly inFlight: number
  readonly sentAt: { readonly halfTrips: number; readonly milliseconds: number } | null
}

/** The window with which it goes on, where it is about to send now. */
export function restartedWindow(
  { window, inFlight, sentAt }: Sender,
  halfTrips: number,
  initial: number,
  restart: IdleRestart | undefined,
): number {
  if (!restart || !sentAt || inFlight > 0) return window
  const travelled = ((halfTrips - sentAt.halfTrips) / 2) * restart.roundTripMs
  const silence = travelled + restart.now() - sentAt.milliseconds
  return silence > restart.rtoMs ? Math.min(window, initial) : window
}
