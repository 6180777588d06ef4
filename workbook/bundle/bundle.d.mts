export declare const root: string
export declare function bundle(
  parts: Readonly<Record<string, { readonly entry: string; readonly format: 'esm' | 'cjs' }>>,
): Promise<Record<string, string>>
