/**
 * Two themes as one, so that code is read once for both: each colour of the one theme is the number of a
 * pair of colours. That says the same as the two only where both have the same rules, which is looked at.
 */

/**
 * @param {import('shiki/core').ThemeRegistrationRaw} light
 * @param {import('shiki/core').ThemeRegistrationRaw} dark
 * @returns {{ theme: import('shiki/core').ThemeRegistrationRaw, pairs: ReadonlyMap<string, string> }}
 *   `pairs` leads from a colour of the theme to two: `#000001` → `0e1116-f0f3f6`.
 * @throws Error when the two do not have the same rules.
 */
export function pairOf(light, dark) {
  const [rules, others] = [light, dark].map(({ tokenColors }) => tokenColors)
  if (JSON.stringify(rules.map(shapeOf)) !== JSON.stringify(others.map(shapeOf)))
    throw new Error(`${light.name} and ${dark.name} have different rules`)
  const pairs = new Map()
  const theme = {
    name: 'pair',
    colors: joined(light.colors, dark.colors, ['editor.foreground', 'editor.background'], pairs),
    tokenColors: rules.map(({ scope, settings }, at) => ({
      scope,
      settings: { ...settings, ...joined(settings, others[at].settings, COLOURS, pairs) },
    })),
  }
  return { theme, pairs: new Map([...pairs].map(([pair, colour]) => [colour, pair])) }
}

// --- internal ---

const COLOURS = ['foreground', 'background']

/** All that decides which words a rule is for, and where a word ends. */
function shapeOf({ scope, settings }) {
  return [scope, settings.fontStyle, COLOURS.map((name) => settings[name] !== undefined)]
}

/** The colours of these names, each as the number of its pair. */
function joined(light, dark, names, pairs) {
  const there = names.filter((name) => light[name] !== undefined)
  return Object.fromEntries(there.map((name) => [name, numbered(light[name], dark[name], pairs)]))
}

function numbered(light, dark, pairs) {
  const pair = [light, dark].map((colour) => colour.slice(1).toLowerCase()).join('-')
  if (!pairs.has(pair)) pairs.set(pair, `#${(pairs.size + 1).toString(16).padStart(6, '0')}`)
  return pairs.get(pair)
}
