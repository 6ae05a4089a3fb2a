/** What a user wants to have and be told of. */
export interface Subscription {
  /** Whose documents: the author's public key in hexadecimal. */
  readonly account: string
  /** Where, with slashes and no leading one; '' is everything of the account. */
  readonly path: string
  /** Whether what lies below the path is meant too. */
  readonly isRecursive: boolean
  /** Milliseconds since 1970. */
  readonly since: number
}

/** The last subscription of the page before. */
export interface SubscriptionPage {
  readonly limit: number
  readonly after?: Pick<Subscription, 'account' | 'path'> | undefined
}
