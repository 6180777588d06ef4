import { defineConfig } from 'vitest/config'
import LongestFirst from './test/longest-first.ts'

/** A test starts several processes, and others may be busy on the machine: only what never ends takes longer. */
const PATIENCE_MILLISECONDS = 900_000

// All cores: Vitest itself would leave one of them idle.
const shared = { pool: 'threads', isolate: false, maxConcurrency: 2, maxWorkers: '100%' } as const

export default defineConfig({
  test: {
    globalSetup: ['test/build-host.ts'],
    reporters: ['default', './test/closing-line.ts'],
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'workbook',
          include: ['test/workbook/**/*.test.ts'],
          testTimeout: PATIENCE_MILLISECONDS,
          hookTimeout: PATIENCE_MILLISECONDS,
          ...shared,
        },
      },
      {
        // The hidden suites against the learner's own files, for an editor's Vitest extension.
        test: {
          name: 'labs',
          include: ['test/labs/*/suite.test.ts'],
          setupFiles: ['workbook/grading/vitest/receive.ts'],
          provide: { workbook: null },
          ...shared,
        },
      },
    ],
  },
})
