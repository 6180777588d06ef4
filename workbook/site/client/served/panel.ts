/** The learner's last run, at the foot of the lab's page. */
export interface Verdicts {
  /** The lab's folder. */
  readonly lab: string
  readonly run: string
  readonly running: boolean
  /** There is something to read. */
  readonly failed: boolean
  /** HTML: the run in one line, and what happened. */
  readonly summary: string
  readonly body: string
  readonly requirements: ReadonlyArray<{ readonly id: string; readonly kind: string }>
}

export function showPanel({ run, failed, summary, body }: Verdicts): void {
  const panel = document.getElementById('site-live') ?? makePanel()
  if (!(panel instanceof HTMLDetailsElement)) return
  const [line, rest] = [...panel.children]
  // What has not changed is left alone: whoever scrolls or selects in it goes on.
  if (line && line.innerHTML !== summary) line.innerHTML = summary
  if (rest && panel.dataset['body'] !== body) {
    rest.innerHTML = body
    panel.dataset['body'] = body
  }
  panel.classList.toggle('failed', failed)
  panel.dataset['run'] = run
  if (failed && sessionStorage.getItem(CLOSED) !== run) panel.open = true
}

// --- internal ---

/** A run whose failure the reader has put away. */
const CLOSED = 'socket-workbook-closed'

function makePanel(): HTMLDetailsElement {
  const panel = document.createElement('details')
  panel.id = 'site-live'
  panel.innerHTML = '<summary aria-live="polite"></summary><div></div>'
  panel.addEventListener('toggle', () => {
    if (!panel.open) sessionStorage.setItem(CLOSED, panel.dataset['run'] ?? '')
  })
  document.querySelector('main')?.append(panel)
  return panel
}
