import type { PeerRow } from '@lockkeeper/peer-store'
import { html } from 'hono/html'
import type { NodeStatus } from '../node/node-status.ts'
import { bytesInWords, type Html } from './page-parts.ts'

/** What the node is and does, for a person to look at. */
export function statusPage(status: NodeStatus, peers: readonly PeerRow[]): Html {
  const { sync, actors } = status
  return html`<h1>Status</h1>
<dl>
${row('Peer id', html`<code>${status.peerId}</code>`)}
${row('Dial', html`${status.multiaddrs.map((address) => html`<code>${address}</code> `)}`)}
${row('Stored', `${status.documents} documents, ${status.blobs} blobs, ${bytesInWords(status.bytes)}`)}
${row('Import', importInWords(status))}
${row('Sync', `${sync.received} received, ${sync.missing} missing, ${sync.refused} refused`)}
${row('Peers', `${status.peersConnected} connected, ${status.peersKnown} known`)}
${row('Busy errors', String(status.busyErrors))}
${status.trouble === undefined ? '' : row('Trouble', status.trouble)}
${row('Actors', `database ${actors.database}, writer ${actors.writer}, readers ${actors.readers.join(', ')}`)}
</dl>
<h2>Pulling from</h2>
${table(
  ['Peer', 'State', 'Missing', 'Received', 'Refused', 'Last error'],
  sync.peers.map((pull) => [
    html`<code title="${pull.peer}">${shortId(pull.peer)}</code>`,
    pull.state,
    String(pull.missing),
    `${pull.received} (${bytesInWords(pull.bytes)})`,
    String(pull.refused),
    pull.lastError ?? '',
  ]),
)}
<h2>Peers met</h2>
${table(
  ['Peer', 'Status', 'Seen', 'Bad blobs', 'Addresses'],
  peers.map((peer) => [
    html`<code title="${peer.id}">${shortId(peer.id)}</code>`,
    peer.status,
    new Date(peer.seenAt).toISOString().replace('T', ' ').slice(0, 19),
    String(peer.refusedBlobs),
    peer.addresses.slice(0, 3).join(' '),
  ]),
)}`
}

function row(name: string, value: string | Html): Html {
  return html`<dt>${name}</dt><dd>${value}</dd>`
}

function table(names: readonly string[], rows: readonly (readonly (string | Html)[])[]): Html {
  if (rows.length === 0) return html`<p class="muted">None.</p>`
  return html`<table class="facts">
<thead><tr>${names.map((name) => html`<th>${name}</th>`)}</tr></thead>
<tbody>${rows.map((cells) => html`<tr>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody>
</table>`
}

function importInWords({ import: { state, done, total, skipped, error } }: NodeStatus): string {
  if (state === 'none') return 'nothing to import'
  const left = skipped === 0 ? '' : `, ${skipped} skipped`
  return `${state}: ${done} of ${total} files${left}${error === undefined ? '' : ` (${error})`}`
}

function shortId(id: string): string {
  return id.length <= 16 ? id : `${id.slice(0, 6)}…${id.slice(-6)}`
}
