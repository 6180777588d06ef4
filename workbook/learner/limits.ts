/** Bounds that only a program which never lets go can reach. None of them decides a normal verdict. */
export interface Limits {
  /** CPU time that one order may take before it is answered. */
  readonly cpuSeconds: number
  /** CPU time of one check, rests included. */
  readonly checkCpuSeconds: number
  /** CPU time until the program must have come to rest again; of wall time six times as much. */
  readonly restlessMilliseconds: number
  /** Wall time of one check. */
  readonly wallMilliseconds: number
  /** Memory of the process, buffers outside V8's heap included. */
  readonly residentBytes: number
  readonly outputBytes: number
  readonly messages: number
  /** Timers that run out in one check. */
  readonly timers: number
}

export const LIMITS: Limits = {
  cpuSeconds: 1,
  checkCpuSeconds: 30,
  restlessMilliseconds: 10_000,
  wallMilliseconds: 180_000,
  residentBytes: 300 * 1024 * 1024,
  outputBytes: 1024 * 1024,
  messages: 20_000,
  timers: 20_000,
}

export const NO_LIMITS: Limits = {
  cpuSeconds: Infinity,
  checkCpuSeconds: Infinity,
  restlessMilliseconds: Infinity,
  wallMilliseconds: Infinity,
  residentBytes: Infinity,
  outputBytes: Infinity,
  messages: Infinity,
  timers: Infinity,
}

/** For a program that somebody tries by hand: it may run for hours, and print as much as is read. */
export const BY_HAND: Limits = { ...NO_LIMITS, residentBytes: LIMITS.residentBytes }

/** Argument of the learner process: its timers and clocks are Node's own. */
export const REAL_TIME = '--real-time'
