import { peerIdFromString } from '@libp2p/peer-id'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { StartRefusedError } from './start-refused-error.ts'

const ipProtocols = new Set(['ip4', 'ip6'])
const nameProtocols = new Set(['dns', 'dns4', 'dns6'])
const endProtocols = new Set(['p2p'])

/** Reads a TCP port; 0 lets the system choose. */
export function parsePort(flag: string, text: string): number {
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port > 65_535) {
    throw new StartRefusedError(`${flag}: ${quote(text)} is not a port (0 to 65535)`)
  }
  return port
}

/** Reads an address to listen on: an IP address and a TCP port. */
export function parseListenAddress(text: string): Multiaddr {
  const address = parseMultiaddr('--listen', text)
  const names = address.getComponents().map(({ name }) => name)
  if (names.length !== 2 || !ipProtocols.has(names[0] ?? '') || names[1] !== 'tcp') {
    throw new StartRefusedError(`--listen: ${quote(text)} is not like /ip4/127.0.0.1/tcp/4001`)
  }
  return address
}

/** Reads an address to dial: an IP address or host name, a TCP port, and perhaps the peer id that must answer. */
export function parsePeerAddress(text: string): Multiaddr {
  const address = parseMultiaddr('--peer', text)
  const components = address.getComponents()
  const [host, port, end] = components
  const isDialable =
    components.length <= 3 &&
    (ipProtocols.has(host?.name ?? '') || nameProtocols.has(host?.name ?? '')) &&
    port?.name === 'tcp' &&
    (end === undefined || endProtocols.has(end.name))
  if (!isDialable) {
    throw new StartRefusedError(`--peer: ${quote(text)} is not like /ip4/127.0.0.1/tcp/4001/p2p/12D3Koo…`)
  }
  if (end !== undefined) assertPeerId(text, end.value)
  return address
}

function assertPeerId(text: string, id: string | undefined): void {
  try {
    peerIdFromString(id ?? '')
  } catch {
    throw new StartRefusedError(`--peer: ${quote(text)} does not end in a peer id`)
  }
}

function parseMultiaddr(flag: string, text: string): Multiaddr {
  try {
    return multiaddr(text)
  } catch {
    throw new StartRefusedError(`${flag}: ${quote(text)} is not a multiaddr`)
  }
}

/** One line whatever the text holds. */
function quote(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text)
}
