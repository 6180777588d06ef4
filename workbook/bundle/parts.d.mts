type Part = { readonly entry: string; readonly format: 'esm' | 'cjs' }
export declare const HOST_BUNDLE: { readonly 'host.cjs': Part }
export declare const CLI_BUNDLE: {
  readonly 'cli.mjs': Part
  readonly 'suite.mjs': Part
  readonly 'host.cjs': Part
}
