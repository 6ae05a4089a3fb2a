/** Which readers serve a read: those kept for people, or those for work that nobody waits for. */
export type ReadClass = 'interactive' | 'background'

export const readClasses: readonly ReadClass[] = ['interactive', 'background']
