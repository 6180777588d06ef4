/**
 * Lab 19: a proxy that people use, and an origin behind it.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110 | RFC 9110}, {@link https://www.rfc-editor.org/rfc/rfc9111 | 9111}
 * and {@link https://www.rfc-editor.org/rfc/rfc9112 | 9112}
 */
export type { Limits } from './limits.ts'
export { startOrigin, type Files } from './origin.ts'
export { startProxy, type ProxyOptions, type Stats } from './proxy.ts'
