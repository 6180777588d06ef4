/** A button in the corner of each piece of code. Where nothing may be copied there is none. */
export function offerCopies(): void {
  // Types say that it is always there; a page from an address without TLS has none.
  const clipboard = navigator.clipboard as Clipboard | undefined
  const words = document.querySelector<HTMLElement>('article')?.dataset
  if (!clipboard || !words) return
  for (const code of document.querySelectorAll('.code')) {
    const button = document.createElement('button')
    button.type = 'button'
    button.className = 'copy'
    const say = (text: string | undefined): void => void (button.textContent = text ?? '')
    say(words['copy'])
    button.addEventListener('click', () => {
      void clipboard.writeText(code.querySelector('pre')?.textContent ?? '').then(() => {
        button.classList.add('done')
        say(words['copied'])
      })
    })
    button.addEventListener('blur', () => {
      button.classList.remove('done')
      say(words['copy'])
    })
    code.append(button)
  }
}
