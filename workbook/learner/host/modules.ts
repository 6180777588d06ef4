import vm from 'node:vm'
import type { Program } from '../messages.ts'
import { report } from './channel.ts'
import { settleLazy, takeNote } from './pristine.ts'
import { guardTls } from './secure.ts'

/**
 * Loads the learner's module from memory. Nothing of it stands on disk, so the process needs no
 * permission to read files; and every import, a computed one at run time too, comes through here.
 */

/** What an import statement of the program brought in. */
export type Namespace = Readonly<Record<string, unknown>>

// Captured while the global leads to it. An import() would start Node's own loader, which is slower
// and uses what lockdown.ts takes away.
const getBuiltin = process.getBuiltinModule.bind(process) as (name: string) => Record<string, unknown>

const builtins = new Map<string, Promise<vm.Module>>()

/**
 * @param allowed - Specifiers that may be imported, for example `node:net`.
 * @throws Whatever the module throws while it is evaluated.
 */
export async function loadModule(
  { code, identifier }: Program,
  allowed: readonly string[],
): Promise<Namespace> {
  const link = (specifier: string): Promise<vm.Module> => builtin(specifier, allowed)
  const module = new vm.SourceTextModule(code, {
    identifier,
    initializeImportMeta: (meta) => void (meta.url = identifier),
    importModuleDynamically: link as unknown as NonNullable<
      vm.SourceTextModuleOptions['importModuleDynamically']
    >,
  })
  await module.link(link)
  await module.evaluate()
  return module.namespace as Namespace
}

// --- internal ---

function builtin(specifier: string, allowed: readonly string[]): Promise<vm.Module> {
  const name = specifier.startsWith('node:') ? specifier : `node:${specifier}`
  if (!allowed.includes(name)) return Promise.reject(refuseImport(specifier))
  const known = builtins.get(name) ?? wrapBuiltin(name)
  builtins.set(name, known)
  return known
}

async function wrapBuiltin(name: string): Promise<vm.Module> {
  // Read here, after the clock and the guards are in place, so named imports are the guarded ones.
  const exported = getBuiltin(name)
  if (name === 'node:tls') guardTls(exported)
  settleLazy(exported)
  takeNote(exported)
  const names = Object.keys(exported).filter((key) => key !== 'default')
  const module = new vm.SyntheticModule(['default', ...names], () => {
    module.setExport('default', exported)
    for (const key of names) module.setExport(key, exported[key])
  })
  await module.link(() => Promise.reject(new Error('a built-in module imports nothing')))
  await module.evaluate()
  return module
}

function refuseImport(specifier: string): Error {
  const error = Object.assign(new Error(`import of ${specifier} is not available in a lab`), {
    code: 'WORKBOOK_FORBIDDEN',
  })
  report({ event: 'forbidden', what: `import of ${JSON.stringify(specifier)}`, stack: error.stack ?? '' })
  return error
}
