/** What is bundled: the learner process's program, and the command line. */
export const HOST_BUNDLE = { 'host.cjs': { entry: 'learner/host/main.ts', format: 'cjs' } }
export const CLI_BUNDLE = { 'cli.mjs': { entry: 'cli/main.ts', format: 'esm' }, ...HOST_BUNDLE }
