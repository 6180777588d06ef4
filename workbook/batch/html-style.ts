/** The page's look, light and dark and printed. Each tone has a contrast of 4.5 and more on its ground. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #ffffff; --line: #c9d1d9; --head: #f0f3f6;
  --good: #116329; --bad: #a40e26; --quiet: #57606a; --warn: #7d4e00; --link: #0a4fb0 }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --paper: #0d1117; --line: #3d444d; --head: #161b22;
  --good: #56d364; --bad: #ff7b72; --quiet: #9aa4ae; --warn: #e3b341; --link: #79b8ff } }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper) }
main { padding: 1rem 1.5rem }
h1 { font-size: 1.5rem } h2 { font-size: 1.2rem; margin-top: 2rem }
a { color: var(--link) }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; padding: 0; list-style: none }
/* What is only spoken lies outside of the flow: it must scroll with the table, and not widen the page. */
.wide { position: relative; overflow-x: auto; max-width: max-content; border: 1px solid var(--line) }
details { margin: .5rem 0 }
summary { padding: .25rem 0; cursor: pointer; font-weight: 600 }
summary .quiet { font-weight: 400 }
pre { overflow-x: auto; font: 13px/1.45 ui-monospace, 'DejaVu Sans Mono', Consolas, monospace }
.wide:focus-visible { outline: 3px solid var(--link); outline-offset: 2px }
table { border-collapse: separate; border-spacing: 0; font-variant-numeric: tabular-nums }
caption { text-align: left; padding: .5rem .75rem; color: var(--quiet) }
th, td { padding: .3rem .6rem; border-bottom: 1px solid var(--line); text-align: left; white-space: nowrap }
thead th { background: var(--head) }
tbody th { position: sticky; left: 0; background: var(--paper); font-weight: 600 }
tbody th { max-width: 16rem; white-space: normal; overflow-wrap: anywhere }
tbody tr:hover > * { background: var(--head) }
.number { text-align: right }
.cause { min-width: 12rem; white-space: normal; color: var(--quiet) }
.refused .cause, .fault .cause { color: var(--warn) }
.good { color: var(--good) } .bad { color: var(--bad) } .quiet { color: var(--quiet) } .warn { color: var(--warn) }
.good, .bad, .warn { font-weight: 600 }
.spoken { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
@media print { .wide { overflow: visible; border: 0 } body { font-size: 10px } tbody th { position: static } }
`
