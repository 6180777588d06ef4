/** What the program of the pages has to do: its one argument, as JSON. */
export type SitePlan =
  | { readonly task: 'serve'; readonly port: number }
  | { readonly task: 'build'; readonly out: string; readonly base: string | null }
  | { readonly task: 'sync' }
