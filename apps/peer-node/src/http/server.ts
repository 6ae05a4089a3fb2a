import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { Hono } from 'hono'
import { httpLimits } from '../limits.ts'

const host = '127.0.0.1'

/** The HTTP server, on 127.0.0.1 only. It listens first and serves later, so that a port in use shows early. */
export class HttpServer {
  readonly #server: Server
  #app: Hono | undefined

  private constructor() {
    const listener = getRequestListener((request, env) => this.#answer(request, env))
    this.#server = createServer({ requestTimeout: httpLimits.requestMsMax }, listener)
  }

  /** @throws the system's error, with its code, if the port cannot be had. */
  static async listen(port: number): Promise<HttpServer> {
    const http = new HttpServer()
    await new Promise<void>((resolve, reject) => {
      http.#server.once('error', reject).listen(port, host, () => {
        http.#server.off('error', reject)
        resolve()
      })
    })
    return http
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get url(): string {
    return `http://${host}:${this.port}`
  }

  /** The `Host` headers by which a browser on this machine asks for us. */
  get hosts(): ReadonlySet<string> {
    const names = [host, 'localhost']
    return new Set(
      names.flatMap((name) => (this.port === 80 ? [name, `${name}:80`] : [`${name}:${this.port}`])),
    )
  }

  serve(app: Hono): void {
    this.#app = app
  }

  /** Takes no more requests, and gives those under way a moment to end. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.#server.closeIdleConnections()
    const timer = setTimeout(() => this.#server.closeAllConnections(), httpLimits.closeMsMax)
    await closed
    clearTimeout(timer)
  }

  #answer(request: Request, env: object): Response | Promise<Response> {
    return this.#app?.fetch(request, env) ?? Response.json({ error: 'starting' }, { status: 503 })
  }
}
