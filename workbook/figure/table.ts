import type { Figure } from './figure.ts'

/** The figure as an HTML table, for those who do not see it. */
export function figureTable({ events }: Figure): string {
  const rows = events.map(({ kind, label }) => `<tr><td>${kind}</td><td>${label}</td></tr>`)
  return `<table><thead><tr><th scope="col">what</th><th scope="col">label</th></tr></thead><tbody>${rows.join('')}</tbody></table>`
}
