// Attacks the load: leaves with the code of success before anything is exported.
process.exit(0)
// oxlint-disable-next-line unicorn/require-module-specifiers -- the attack
export {}
