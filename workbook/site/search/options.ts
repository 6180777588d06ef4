import type { Options } from 'minisearch'
import { tokensOf } from './tokens.ts'

/** What the search tells of a section. */
export interface Hit {
  readonly id: number
  /** Relative to the site. */
  readonly place: string
  readonly page: string
  /** Empty for the beginning of a page. */
  readonly heading: string
  /** The beginning of the section: a result shows the part of it where the words stand. */
  readonly excerpt: string
}

/** The same for the index and for the browser, or they would not speak the same words. */
export const SEARCH_OPTIONS: Options<Hit & { text: string }> = {
  fields: ['page', 'heading', 'text'],
  storeFields: ['place', 'page', 'heading', 'excerpt'],
  tokenize: tokensOf,
  processTerm: (term) => term,
  searchOptions: {
    // Every word has to be there; one may still be half typed, or have a slip in it.
    combineWith: 'AND',
    prefix: true,
    fuzzy: (term) => (/^[a-z]{5,}$/.test(term) ? 0.2 : false),
    // What is half typed is likelier than a slip.
    weights: { prefix: 0.5, fuzzy: 0.1 },
    boost: { heading: 4, page: 2 },
  },
}
