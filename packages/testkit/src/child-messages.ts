/** What a child process tells its parent. */
export type FromChild =
  | { readonly lockkeeper: 'reached'; readonly point: string }
  | { readonly lockkeeper: 'told'; readonly value: unknown }

/** What its parent tells a child process. */
export interface ToChild {
  readonly lockkeeper: 'pass'
  readonly point: string
}
