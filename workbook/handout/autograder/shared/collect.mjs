/**
 * Takes a submission's own files and nothing else: `node collect.mjs SUBMISSION COURSE`.
 *
 * COURSE is a handout. What stands below the `labs/` of the submission is copied into it, as far as a lab
 * can import it: other modules of a lab, and what several labs share. The kit, the pages, the suites and the
 * tool stay the course's, and so do the questions of the predictions, of which only the ticks are taken.
 * What the submission lacks is the starter. Links are not followed, and nothing is taken that is larger than
 * a program can be.
 */
import fs from 'node:fs'
import path from 'node:path'

/** The bounds of `npm run batch`. */
const LARGEST_BYTES = 1_048_576
const LARGEST_PREDICTIONS = 65_536
const MOST_BYTES = 67_108_864
const MOST_FILES = 5_000
const MOST_ENTRIES = 50_000
const DEEPEST = 12
/** What a lab's file can import, and the file itself. */
const EXTENSIONS = new Set(['.ts', '.mts', '.js', '.mjs', '.json', '.txt'])
const NOT_THEIRS = new Set(['node_modules', '.git', '.hg', '.svn', '.cache', '.backup', '__MACOSX'])
/** Folders of the course that a lab's own folder never is. */
const NOT_BESIDE = /^(?:kit|labs|solutions|test|suites|workbook|docs)\//i

/** `- [x] a. text`: what is before the mark, the mark, what is behind it, and the letter. */
const BOX = /^(\s*(?:[-*+]\s*)?\[)\s*(x?)\s*(\]\s*([a-z])[.)])/i

const [submission, course] = process.argv.slice(2)
if (!submission || !course) {
  process.stderr.write('node collect.mjs SUBMISSION COURSE\n')
  process.exit(2)
}
const marker = JSON.parse(fs.readFileSync(path.join(course, 'handout.json'), 'utf8'))
const learner = Object.keys(marker.learner)
const files = filesBelow(submission)
restore()
/** Lab → its file in the submission; undefined where there is none, null where either of two could be meant. */
const found = new Map(learner.filter(isProgram).map((wanted) => [labOf(wanted), find(wanted)]))
take(placed())
for (const wanted of learner.filter((file) => !isProgram(file))) tick(wanted)
const there = [...found.values()].filter(Boolean).length
process.stdout.write(`${there} of ${found.size} labs' files are in the submission.\n`)

/** Regular files of the submission, with `/`. */
function filesBelow(root) {
  const regular = []
  const waiting = ['']
  let entries = 0
  for (let folder = waiting.shift(); folder !== undefined; folder = waiting.shift()) {
    for (const entry of fs.readdirSync(path.join(root, folder), { withFileTypes: true })) {
      if (++entries > MOST_ENTRIES) throw new Error(`the submission holds more than ${MOST_ENTRIES} files`)
      const file = path.posix.join(folder, entry.name)
      if (entry.isFile()) regular.push(file)
      else if (entry.isDirectory() && !NOT_THEIRS.has(entry.name) && file.split('/').length < DEEPEST)
        waiting.push(file)
    }
  }
  return regular.sort((a, b) => (a < b ? -1 : 1))
}

/** An earlier run in the same place leaves nothing for this one. */
function restore() {
  const known = new Set([...Object.keys(marker.files), ...learner])
  const isKept = (file) => [...known].some((each) => each === file || each.startsWith(`${file}/`))
  for (const folder of ['labs', ...marker.labs.map((lab) => `labs/${lab}`)]) {
    for (const name of fs.readdirSync(path.join(course, folder))) {
      const file = `${folder}/${name}`
      if (!isKept(file) && !NOT_THEIRS.has(name) && !isOtherLab(file))
        fs.rmSync(path.join(course, file), { recursive: true })
    }
  }
  for (const file of learner.filter(isProgram)) {
    const starter = path.join(course, path.posix.dirname(file), '.starter')
    fs.rmSync(path.join(course, file), { recursive: true, force: true })
    fs.copyFileSync(starter, path.join(course, file))
  }
}

function isProgram(file) {
  return file.endsWith('.ts')
}

function labOf(file) {
  return file.split('/')[1]
}

/** A folder of a lab that this course has not: the tool would take it for one of the course. */
function isOtherLab(file) {
  const [, folder, inside] = file.split('/')
  const isFolder = inside !== undefined || fs.lstatSync(path.join(course, file)).isDirectory()
  return isFolder && /^\d/.test(folder) && !marker.labs.includes(folder)
}

/** In `labs/NN-name/`, else in `NN-name/`, else a program by its name alone; the least deep of each. */
function find(wanted) {
  const [, lab, name] = wanted.split('/')
  const ends = [`/labs/${lab}/${name}`, `/${lab}/${name}`, ...(isProgram(name) ? [`/${name}`] : [])]
  for (const end of ends) {
    const named = files.filter((file) => `/${file}`.endsWith(end))
    const least = Math.min(...named.map((file) => file.split('/').length))
    const [first, second] = named.filter((file) => file.split('/').length === least)
    if (first !== undefined && second === undefined) return first
    if (first === undefined) continue
    tellEither(first, second)
    return null
  }
  return undefined
}

function tellEither(one, other) {
  process.stdout.write(`Neither is taken, as either could be meant: ${one} and ${other}.\n`)
}

/** Where it stands in the course → the submission's files that may stand there. */
function placed() {
  const places = new Map()
  const place = (to, from) => places.set(to, (places.get(to) ?? new Set()).add(from))
  for (const [lab, file] of found) {
    if (!file) continue
    const top = topOf(lab, file)
    const folder = file.slice(0, file.lastIndexOf('/') + 1)
    for (const from of files) {
      if (top !== null && from.startsWith(`${top}labs/`)) {
        const to = from.slice(top.length)
        if (isTheirs(to, top)) place(to, from)
      } else if (top === null && from.startsWith(folder) && !NOT_BESIDE.test(from.slice(folder.length))) {
        place(`labs/${lab}/${from.slice(folder.length)}`, from)
      }
    }
  }
  return places
}

/** What stands above the `labs/` of a program, with its `/`; null for one that is in no `labs/`. */
function topOf(lab, file) {
  const end = `labs/${lab}/${path.posix.basename(file)}`
  return `/${file}`.endsWith(`/${end}`) ? file.slice(0, -end.length) : null
}

/** Neither the kit, nor a lab whose file was found elsewhere or could be either of two. */
function isTheirs(to, top) {
  const lab = labOf(to)
  if (lab.toLowerCase() === 'kit') return false
  const file = found.get(lab)
  return file === undefined || (file !== null && topOf(lab, file) === top)
}

function take(places) {
  let [count, bytes] = [0, 0]
  const others = new Set()
  for (const [to, [from, second]] of places) {
    if (!EXTENSIONS.has(path.posix.extname(to)) || to in marker.files) continue
    if (to.split('/').length > 2 && isOtherLab(to)) others.add(labOf(to))
    else if (second !== undefined) tellEither(from, second)
    else {
      const { size } = fs.lstatSync(path.join(submission, from))
      if (++count > MOST_FILES) throw new Error(`the submission holds more than ${MOST_FILES} programs`)
      if ((bytes += size) > MOST_BYTES) throw new Error(`the submission holds more than ${MOST_BYTES} bytes`)
      copy(from, to, size)
    }
  }
  if (others.size > 0) process.stdout.write(`Not taken, as this course has not: ${[...others].join(', ')}.\n`)
}

function copy(from, to, size) {
  if (size > LARGEST_BYTES) {
    process.stdout.write(`${from} is not taken: ${size} bytes are more than a program has.\n`)
    return
  }
  const target = path.join(course, to)
  const bytes = fs.readFileSync(path.join(submission, from))
  try {
    fs.mkdirSync(path.dirname(target), { recursive: true })
    // Not with the mode that it was handed in with: whoever grades may be another user.
    fs.writeFileSync(target, bytes)
  } catch (error) {
    // A folder that is called like a file of the course, for example.
    process.stdout.write(`${from} is not taken: it has no place in the course (${error.code}).\n`)
  }
}

/** Ticks the boxes of the course's questions as the submission has, where it asks the same. */
function tick(wanted) {
  const program = found.get(labOf(wanted))
  const beside = program && path.posix.join(path.posix.dirname(program), path.posix.basename(wanted))
  const file = beside && files.includes(beside) ? beside : find(wanted)
  const theirs = new Set(
    file ? boxesIn(readShort(file)).flatMap(({ box, ticked }) => (ticked ? box : [])) : [],
  )
  const target = path.join(course, wanted)
  const lines = fs.readFileSync(target, 'utf8').split('\n')
  for (const { box, line } of boxesIn(lines.join('\n')))
    lines[line] = lines[line].replace(BOX, (_, before, _mark, after) => {
      return `${before}${theirs.has(box) ? 'x' : ' '}${after}`
    })
  fs.writeFileSync(target, lines.join('\n'))
}

function readShort(file) {
  const from = path.join(submission, file)
  return fs.lstatSync(from).size > LARGEST_PREDICTIONS ? '' : fs.readFileSync(from, 'utf8')
}

/** The boxes of a predictions.md, each by its question and its letter. */
function boxesIn(text) {
  let question = null
  return text.split(/\r\n?|\n/).flatMap((words, line) => {
    if (/^##?\s/.test(words)) question = /^##\s+P\d/.test(words) ? words.trim() : null
    const [, , mark, , letter] = BOX.exec(words) ?? []
    if (question === null || letter === undefined) return []
    return [{ box: `${question} ${letter.toLowerCase()}`, ticked: mark !== '', line }]
  })
}
