/**
 * The tokens of TypeScript or JavaScript, as far as two pieces of code need them to be compared: comments,
 * white space and semicolons count for nothing, and neither does the kind of quotes. It is no parser; where
 * a slash may be either, the token before it decides whether it divides or begins a regular expression.
 */
export interface CodeTokens {
  readonly tokens: readonly string[]
  /** Line of each token, from 1. */
  readonly lines: readonly number[]
  /** Lines on which a comment begins, from 1. */
  readonly comments: readonly number[]
}

export function tokensOf(code: string): CodeTokens {
  const found = { tokens: [] as string[], lines: [] as number[], comments: [] as number[] }
  /** Open braces; true for one that a template opened by `${`. */
  const braces: boolean[] = []
  let [at, line, before] = [0, 1, '']
  const next = (pattern: RegExp): string => {
    pattern.lastIndex = at
    return pattern.exec(code)?.[0] ?? ''
  }
  while (at < code.length) {
    const continues = code[at] === '}' && braces.at(-1) === true
    const text = continues
      ? next(TEMPLATE_PART)
      : next(code[at] === '/' && !mayDivide(before) ? TOKEN_OR_REGEXP : TOKEN)
    const read = text === '' ? (code[at] ?? '') : text
    if (read.startsWith('//') || read.startsWith('/*')) found.comments.push(line)
    else if (read !== ';' && read.trim() !== '') {
      found.tokens.push(normal(read))
      found.lines.push(line)
      before = read
    }
    if (continues || read === '}') braces.pop()
    if (read === '{') braces.push(false)
    if (read.endsWith('${') && (continues || read.startsWith('`'))) braces.push(true)
    for (let end = read.indexOf('\n'); end !== -1; end = read.indexOf('\n', end + 1)) line++
    at += read.length
  }
  return found
}

// --- internal ---

const COMMENT = String.raw`\/\/[^\n]*|\/\*[^]*?(?:\*\/|$)`
const SPACE = String.raw`\s+`
const WORD = String.raw`[#@]?[\p{L}$_][\p{L}\p{N}$_]*`
const NUMBER = String.raw`\.?\d[\w.]*`
const STRING = String.raw`'(?:[^'\\\n]|\\[^])*'|"(?:[^"\\\n]|\\[^])*"`
const TEMPLATE = '`(?:[^`\\\\$]|\\\\[^]|\\$(?!\\{))*(?:`|\\$\\{)'
const REGEXP = String.raw`\/(?![*/])(?:[^\\/[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*`
const SIGN = String.raw`=>|\.{3}|[!=]==?|[<>]=|&&=?|\|\|=?|\?\?=?|\?\.|\*\*|\+\+|--|[+\-*/%&|^]=`

const TOKEN = new RegExp([COMMENT, SPACE, WORD, NUMBER, STRING, TEMPLATE, SIGN].join('|'), 'uy')
const TOKEN_OR_REGEXP = new RegExp(
  [COMMENT, SPACE, WORD, NUMBER, STRING, TEMPLATE, REGEXP, SIGN].join('|'),
  'uy',
)
/** From the brace that ends a `${…}` to the next one or to the end of the template. */
const TEMPLATE_PART = /\}(?:[^`\\$]|\\[^]|\$(?!\{))*(?:`|\$\{)/uy

/** Words after which an expression begins. */
const BEGINS = /^(?:return|typeof|case|in|of|delete|void|throw|new|await|yield|else|do|instanceof)$/u

/** Behind a name, a number, a string or a closing bracket a slash divides. */
function mayDivide(before: string): boolean {
  return /[\p{L}\p{N}$_)\]}'"`]$/u.test(before) && !BEGINS.test(before)
}

function normal(token: string): string {
  return token.startsWith('"') ? `'${token.slice(1, -1)}'` : token
}
