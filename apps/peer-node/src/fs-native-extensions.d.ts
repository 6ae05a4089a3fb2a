declare module 'fs-native-extensions' {
  /** Takes the operating system's lock on an open file; false if another descriptor holds it. Ends with the process. */
  export function tryLock(fileDescriptor: number): boolean
}
