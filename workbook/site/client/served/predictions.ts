/** On the page of a lab's predictions a click ticks a box, and the server writes it into the file. */
export function letTick(): void {
  const [, lab] = /\/labs\/([^/]+)\/predictions\.html$/.exec(location.pathname) ?? []
  if (lab === undefined) return
  for (const box of document.querySelectorAll<HTMLElement>('.tick')) {
    const place = placeOf(box)
    if (place) box.replaceWith(inputFor(box, { lab, ...place }))
  }
  const where = document.querySelector('.where-to-tick')
  if (where) where.textContent = `What you tick here is written into labs/${lab}/predictions.md.`
}

// --- internal ---

interface Place {
  /** `P1` */
  readonly question: string
  /** `a` */
  readonly choice: string
}

function placeOf(box: HTMLElement): Place | null {
  const item = box.closest('li')
  let before = item?.parentElement?.previousElementSibling ?? null
  while (before && !before.matches('.heading')) before = before.previousElementSibling
  const [, question] = /^\s*(P\d+)/.exec(before?.textContent ?? '') ?? []
  const [, choice] = /^\s*([a-z])[.)]/i.exec(item?.textContent ?? '') ?? []
  return question !== undefined && choice !== undefined ? { question, choice: choice.toLowerCase() } : null
}

function inputFor(box: HTMLElement, place: Place & { readonly lab: string }): HTMLInputElement {
  const input = document.createElement('input')
  input.type = 'checkbox'
  input.checked = box.classList.contains('ticked')
  input.setAttribute('aria-label', `${place.question}, ${place.choice}`)
  input.addEventListener('change', () => void send(input, { ...place, ticked: input.checked }))
  return input
}

async function send(input: HTMLInputElement, tick: object): Promise<void> {
  const reply = await fetch('/predictions', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(tick),
  }).catch(() => null)
  if (reply?.ok) return
  input.checked = !input.checked
  const why = reply ? await reply.text() : 'npm run docs has ended.'
  const where = document.querySelector('.where-to-tick')
  if (where) where.textContent = `It could not be written: ${why}`
}
