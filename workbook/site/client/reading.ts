/** Small comforts. Without them the page is whole. */

/** Beside the text the list of contents costs no room; above it, it would fill a phone. */
export function closeContentsWhereNarrow(): void {
  const details = document.querySelector<HTMLDetailsElement>('.contents details')
  const wide = matchMedia('(min-width: 80rem)')
  const follow = (): void => {
    if (details) details.open = wide.matches
  }
  wide.addEventListener('change', follow)
  follow()
}

/** A table or piece of code that fits needs no stop of the tab key. */
export function letReachOnlyWhatScrolls(): void {
  const observer = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (target.scrollWidth > target.clientWidth) target.setAttribute('tabindex', '0')
      else target.removeAttribute('tabindex')
    }
  })
  for (const box of document.querySelectorAll('pre[tabindex], .table, .canvas')) observer.observe(box)
}
