import type { ThemeRegistrationRaw } from 'shiki/core'

type Theme = Pick<ThemeRegistrationRaw, 'name' | 'tokenColors' | 'colors'>

export declare function pairOf(
  light: Theme,
  dark: Theme,
): { readonly theme: Theme; readonly pairs: ReadonlyMap<string, string> }
