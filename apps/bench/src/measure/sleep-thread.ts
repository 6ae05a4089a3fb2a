const nobodyWakes = new Int32Array(new SharedArrayBuffer(4))

/** Puts this thread to sleep, to some 0.1 ms: a timer knows whole milliseconds only, and a loop would take a CPU. */
export function sleepThread(ms: number): void {
  Atomics.wait(nobodyWakes, 0, 0, ms)
}
