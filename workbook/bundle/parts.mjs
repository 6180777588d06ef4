/** What is bundled: the learner process's program, the command line, and the thread that runs the suites. */
export const HOST_BUNDLE = { 'host.cjs': { entry: 'learner/host/main.ts', format: 'cjs' } }
export const CLI_BUNDLE = {
  'cli.mjs': { entry: 'cli/main.ts', format: 'esm' },
  'suite.mjs': { entry: 'grading/vitest/worker.ts', format: 'esm' },
  ...HOST_BUNDLE,
}
