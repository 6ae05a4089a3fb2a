import { MultiBar, type SingleBar } from 'cli-progress'
import type { NodeStatus } from '../node/node-status.ts'
import { demoLimits } from './limits.ts'

/** Shows on standard error how far both nodes have come: as bars in a terminal, elsewhere as lines. */
export interface Progress {
  /** @param second undefined until that node is up. */
  show(first: NodeStatus, second: NodeStatus | undefined): void
  end(): void
}

export function createProgress(): Progress {
  return process.stderr.isTTY ? new Bars() : new Lines()
}

class Bars implements Progress {
  readonly #bars = new MultiBar({
    format: '{name}  {bar}  {value}/{total} {unit}',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    stream: process.stderr,
    hideCursor: true,
    gracefulExit: false, // the demo handles signals itself
  })
  readonly #import: SingleBar = this.#bars.create(1, 0, { name: 'import', unit: 'files' })
  readonly #sync: SingleBar = this.#bars.create(1, 0, { name: 'sync  ', unit: 'blobs' })

  show(first: NodeStatus, second: NodeStatus | undefined): void {
    this.#import.setTotal(Math.max(1, first.import.total)) // a bar of nothing shows as full
    this.#import.update(first.import.done)
    this.#sync.setTotal(Math.max(1, first.blobs))
    this.#sync.update(second?.blobs ?? 0)
  }

  end(): void {
    this.#bars.stop()
  }
}

class Lines implements Progress {
  #last = ''
  #shownAt = Number.NEGATIVE_INFINITY

  show(first: NodeStatus, second: NodeStatus | undefined): void {
    const { done, total } = first.import
    this.#last = `import ${done}/${total} files, sync ${second?.blobs ?? 0}/${first.blobs} blobs\n`
    if (performance.now() - this.#shownAt < demoLimits.lineEveryMs) return
    this.#shownAt = performance.now()
    process.stderr.write(this.#last)
    this.#last = ''
  }

  end(): void {
    process.stderr.write(this.#last)
  }
}
