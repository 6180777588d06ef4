import { offerCopies } from './copy.ts'
import { startDrawer } from './drawer.ts'
import { closeContentsWhereNarrow, letReachOnlyWhatScrolls } from './reading.ts'
import { startSearch } from './search.ts'
import { applyTheme, startTheme } from './theme.ts'

/** The one script of the site. Loaded in the head, so that the chosen theme is there before the page is. */

applyTheme()
document.addEventListener('DOMContentLoaded', () => {
  startTheme()
  startSearch()
  startDrawer()
  closeContentsWhereNarrow()
  offerCopies()
  letReachOnlyWhatScrolls()
})
