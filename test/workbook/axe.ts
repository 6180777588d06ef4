/** To be run in a page that has axe-core: what is wrong with it for whoever cannot see or point, a line each. */
export const AXE = `axe.run(document, { resultTypes: ['violations'], preload: false }).then(
  ({ violations }) => violations.flatMap(({ id, nodes }) =>
    nodes.slice(0, 2).map(({ html, failureSummary }) => id + ' ' + html.slice(0, 150) + ' ' + failureSummary)))`
