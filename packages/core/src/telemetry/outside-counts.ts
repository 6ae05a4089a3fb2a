/** How often another process was seen to have committed; many of its commits may be one of these. */
export class OutsideCounts {
  noticed = 0
  schemaChanged = 0

  add(change: { readonly schemaChanged: boolean }): void {
    this.noticed++
    if (change.schemaChanged) this.schemaChanged++
  }

  toJSON(): { readonly noticed: number; readonly schemaChanged: number } {
    return { noticed: this.noticed, schemaChanged: this.schemaChanged }
  }
}
