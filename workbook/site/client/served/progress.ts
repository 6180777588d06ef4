/** How far this checkout is: beside each lab among the pages, and on the start page. */
export interface LabProgress {
  /** The lab's folder. */
  readonly lab: string
  readonly passed: number
  readonly all: number
}

export function showProgress(labs: readonly LabProgress[]): void {
  for (const each of labs) {
    const end = `labs/${each.lab}/index.html`
    for (const link of document.querySelectorAll<HTMLAnchorElement>('.pages a')) {
      if (link.pathname.endsWith(end)) noteOf(link).textContent = wordsOf(each)
    }
  }
  if (/\/(?:index\.html)?$/.test(location.pathname) && !location.pathname.includes('/labs/')) showSum(labs)
}

// --- internal ---

function noteOf(link: HTMLAnchorElement): Element {
  const known = link.querySelector('.progress')
  if (known) return known
  const note = document.createElement('span')
  note.className = 'progress'
  link.append(' ', note)
  return note
}

function wordsOf({ passed, all }: LabProgress): string {
  if (passed === 0) return ''
  return passed === all ? '✓' : `${passed}/${all}`
}

function showSum(labs: readonly LabProgress[]): void {
  const sum = (pick: (each: LabProgress) => number): number =>
    labs.reduce((total, each) => total + pick(each), 0)
  const done = labs.filter(({ passed, all }) => passed === all).length
  const box = document.getElementById('site-progress') ?? document.createElement('p')
  box.id = 'site-progress'
  const words = `You have passed ${done} of ${labs.length} labs, and ${sum((each) => each.passed)} of ${sum((each) => each.all)} requirements.`
  const bar = document.createElement('progress')
  bar.max = sum((each) => each.all)
  bar.value = sum((each) => each.passed)
  bar.setAttribute('aria-label', 'Requirements passed')
  box.replaceChildren(words, ' ', bar)
  document.querySelector('article h1')?.after(box)
}
