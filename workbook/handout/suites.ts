import { build, type BuildFailure, type BuildOptions, type Plugin } from 'esbuild'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { suiteBundleOf, suiteSourceOf } from '../course/suite-files.ts'
import { HandoutError } from './handout-error.ts'

/**
 * The suite of a lab as plain JavaScript, what it makes beside the learner's program, and how the lab is
 * tried by hand: without
 * a source map, and with `short` also without comments, white space and the names that nobody else uses.
 *
 * @returns Path in the handout → code; nothing where the lab has no suite.
 * @throws HandoutError `E_SUITE` where it does not parse.
 */
export async function bundleSuite(root: string, id: string, short: boolean): Promise<Map<string, Buffer>> {
  const [source, target] = [suiteSourceOf(id), suiteBundleOf(id)]
  const pairs = [
    [source.suite, target.suite],
    [source.fixture, target.fixture],
    [source.byHand, target.byHand],
  ] as const
  const present = pairs.filter(([from]) => existsSync(path.join(root, from)))
  const codes = present.map(async ([from, to]) => [to, await bundleOne(root, from, to, short)] as const)
  return new Map(await Promise.all(codes))
}

// --- internal ---

async function bundleOne(root: string, from: string, to: string, short: boolean): Promise<Buffer> {
  const options = optionsFor(root, from, to, short)
  try {
    const { outputFiles = [] } = await build(options)
    return Buffer.from(outputFiles[0]?.contents ?? [])
  } catch (error) {
    const [first] = (error as Partial<BuildFailure>).errors ?? []
    if (!first) throw error
    const message = `${from} cannot be bundled: ${first.text}`
    throw new HandoutError('E_SUITE', message, 'npx tsc -p . shows the place', { cause: error })
  }
}

function optionsFor(root: string, from: string, to: string, short: boolean): BuildOptions {
  return {
    entryPoints: [path.join(root, from)],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    charset: 'utf8',
    minify: short,
    legalComments: 'none',
    sourcemap: false,
    logLevel: 'silent',
    tsconfigRaw: '{}',
    plugins: [keepTool(root, path.dirname(path.join(root, to)))],
  }
}

/** What a suite takes of the tool is the tool that it runs in, not a copy of it. */
function keepTool(root: string, folder: string): Plugin {
  const tool = path.join(root, 'workbook') + path.sep
  return {
    name: 'keep-tool',
    setup(builder) {
      builder.onResolve({ filter: /^\.\.?\// }, ({ path: asked, resolveDir }) => {
        const file = path.resolve(resolveDir, asked)
        if (!file.startsWith(tool)) return undefined
        return { path: path.relative(folder, file).split(path.sep).join('/'), external: true }
      })
    },
  }
}
