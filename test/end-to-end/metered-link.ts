import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/**
 * A TCP port that leads to another, and lets only so many bytes come back from there: a link that goes silent in the middle
 * of something, at a point the test chooses.
 */
export class MeteredLink {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #bytesLeft: number

  private constructor(targetPort: number, bytesMax: number) {
    this.#bytesLeft = bytesMax
    this.#server = createServer((near) => {
      const far = connect(targetPort, '127.0.0.1')
      near.pipe(far)
      far.on('data', (bytes: Buffer) => {
        if (this.#bytesLeft <= 0) return
        near.write(bytes.subarray(0, this.#bytesLeft))
        this.#bytesLeft -= bytes.byteLength
      })
      this.#tie(near, far)
    })
  }

  static async open(targetPort: number, bytesMax: number): Promise<MeteredLink> {
    const link = new MeteredLink(targetPort, bytesMax)
    link.#server.listen(0, '127.0.0.1')
    await once(link.#server, 'listening')
    return link
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  /** One end gone takes the other with it. */
  #tie(near: Socket, far: Socket): void {
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(socket)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        this.#sockets.delete(socket)
        other.destroy()
      })
    }
  }
}
