/** Of two parts that age by a time of their own, the newer one; of two of one time, the one that came later. */
export function latest<Part extends { readonly at: number }>(
  older: Part | undefined,
  newer: Part | undefined,
): Part | undefined {
  if (older === undefined || newer === undefined) return newer ?? older
  return newer.at >= older.at ? newer : older
}
