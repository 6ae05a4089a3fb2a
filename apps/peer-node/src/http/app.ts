import { Hono } from 'hono'
import { secureHeaders } from 'hono/secure-headers'
import { createApi, type NodeView } from './api.ts'
import { createBlobRoutes } from './blobs.ts'
import { createMetrics } from './metrics.ts'
import { createPages } from './pages.ts'
import { BadRequestError } from './query.ts'

export interface AppInput {
  readonly node: NodeView
  /** The `Host` headers that are ours. */
  readonly hosts: ReadonlySet<string>
  readonly onError: (error: Error) => void
}

/** Everything the node serves over HTTP; all of it is for reading. */
export function createApp({ node, hosts, onError }: AppInput): Hono {
  const app = new Hono()
  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
      strictTransportSecurity: false, // there is no TLS on 127.0.0.1
      referrerPolicy: 'no-referrer',
    }),
  )
  app.use(async (context, next) => {
    // A name that a stranger's DNS points at 127.0.0.1 makes a browser's same-origin rule let his page read ours.
    if (!hosts.has(context.req.header('host')?.toLowerCase() ?? '')) {
      return context.json({ error: 'ask for 127.0.0.1 or localhost' }, 421)
    }
    if (context.req.method !== 'GET' && context.req.method !== 'HEAD') {
      return context.json({ error: 'there is nothing to change here' }, 405, { allow: 'GET, HEAD' })
    }
    return next()
  })
  app.route('/api', createApi(node))
  app.route('/', createMetrics(node.store))
  app.route('/', createBlobRoutes(node.store))
  app.route('/', createPages(node))
  app.onError((error, context) => {
    if (error instanceof BadRequestError) return context.json({ error: error.message }, 400)
    onError(error)
    return context.json({ error: 'the store could not answer' }, 500)
  })
  return app
}
