import { defineConfig } from 'vitest/config'

const shared = { pool: 'threads', isolate: false, maxConcurrency: 2 } as const

export default defineConfig({
  test: {
    globalSetup: ['test/build-host.ts'],
    reporters: ['default', './test/closing-line.ts'],
    projects: [
      {
        test: { name: 'workbook', include: ['test/workbook/**/*.test.ts'], testTimeout: 60_000, ...shared },
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
