/** What is bundled: the programs of the learner's and the compiler's process, the command line, and the thread that runs the suites. */
export const HOST_BUNDLE = {
  'host.cjs': { entry: 'learner/host/main.ts', format: 'cjs' },
  'compiler.cjs': { entry: 'learner/compiler/main.ts', format: 'cjs' },
}
export const CLI_BUNDLE = {
  'cli.mjs': { entry: 'cli/main.ts', format: 'esm' },
  'suite.mjs': { entry: 'grading/vitest/worker.ts', format: 'esm' },
  ...HOST_BUNDLE,
}
