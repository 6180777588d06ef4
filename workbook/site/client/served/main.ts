import { showPanel, type Verdicts } from './panel.ts'
import { letTick } from './predictions.ts'
import { showProgress, type LabProgress } from './progress.ts'
import { showBeside } from './requirements.ts'

/** What pages can do only while they are served: they hear of each verdict, and write predictions. */

addEventListener('DOMContentLoaded', () => {
  const events = (globalThis as unknown as { readonly workbookEvents: EventSource }).workbookEvents
  const hear = (name: string, show: (data: never) => void): void =>
    events.addEventListener(name, ({ data }: MessageEvent<string>) => show(JSON.parse(data) as never))
  hear('verdicts', (verdicts: Verdicts) => {
    if (!location.pathname.includes(`/labs/${verdicts.lab}/`)) return
    showPanel(verdicts)
    showBeside(verdicts)
  })
  hear('progress', (labs: readonly LabProgress[]) => showProgress(labs))
  letTick()
})
