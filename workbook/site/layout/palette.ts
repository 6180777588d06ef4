/** A picture in a style sheet cannot take a colour from it. */
function signOf(colour: string): string {
  return `url("data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 20 20' fill='none' stroke='%23${colour}' stroke-width='1.8'%3E%3Ccircle cx='8.5' cy='8.5' r='5.5'/%3E%3Cpath d='m13 13 5 5'/%3E%3C/svg%3E")`
}

/** The colours of both themes, as `[light, dark]`; each text colour is legible on each ground (WCAG AA). */
export const PALETTE = {
  ground: ['#ffffff', '#14171c'],
  'ground-soft': ['#f5f6f8', '#1c2027'],
  'ground-code': ['#f6f7f9', '#191d24'],
  line: ['#d9dde3', '#323945'],
  edge: ['#00000038', '#000000b0'],
  text: ['#1c2128', '#dfe3e8'],
  'text-quiet': ['#565f6b', '#9aa4b1'],
  accent: ['#0b57a4', '#7db8f5'],
  predict: ['#6b3fa0', '#c4a5f0'],
  try: ['#14663c', '#7fcf9f'],
  compare: ['#8a4b08', '#e6b566'],
  wild: ['#a12a2a', '#f09a90'],
  note: ['#0b57a4', '#7db8f5'],
  // A magnifying glass, for narrow windows.
  sign: [signOf('565f6b'), signOf('9aa4b1')],
  // Of the drawings (workbook/figure): without these they would follow the system, not the reader's choice.
  'figure-ground': ['#ffffff', '#14171c'],
  'figure-ink': ['#1c2128', '#dfe3e8'],
  'figure-muted': ['#565f6b', '#9aa4b1'],
  'figure-faint': ['#d9dde3', '#323945'],
  'figure-panel': ['#f5f6f8', '#1c2027'],
  'figure-syn': ['#6639ba', '#c8a2ff'],
  'figure-data': ['#0550ae', '#79b8ff'],
  'figure-ack': ['#565f6b', '#9aa4b1'],
  'figure-fin': ['#8a4600', '#f0a55a'],
  'figure-rst': ['#b3201b', '#ff8a80'],
  'figure-state': ['#0f6b57', '#56d4b5'],
} as const

export const TEXT_COLOURS = [
  'text',
  'text-quiet',
  'accent',
  'predict',
  'try',
  'compare',
  'wild',
  'note',
] as const
export const GROUNDS = ['ground', 'ground-soft', 'ground-code'] as const

/**
 * The style sheet of the site: the colours of the theme that the reader's system asks for, or that the
 * reader has chosen, and the rules that use them.
 *
 * @param rules - Of style.css.
 * @param code - Rules for the colours of code, in each theme.
 */
export function styleSheet(rules: string, code: { readonly light: string; readonly dark: string }): string {
  const dark = (selector: string): string => `${selector}{color-scheme:dark;${variables(1)}}`
  const darkCode = (selector: string): string => code.dark.replaceAll(/(^|\})\./g, `$1${selector} .`)
  return `:root{color-scheme:light;${variables(0)}}
@media screen and (prefers-color-scheme:dark){${dark(SYSTEM)}}
@media screen{${dark(CHOSEN)}}
${rules}
${code.light}
@media screen and (prefers-color-scheme:dark){${darkCode(SYSTEM)}}
@media screen{${darkCode(CHOSEN)}}
`
}

// --- internal ---

const SYSTEM = ':root:not([data-theme=light])'
const CHOSEN = ':root[data-theme=dark]'

function variables(theme: 0 | 1): string {
  return Object.entries(PALETTE)
    .map(([name, colours]) => `--${name}:${colours[theme]}`)
    .join(';')
}
