/** Every bound in one place, each with its reason. */

/** How long the C compiler may take: some fifty times what it needs on a small machine. */
export const compileMsMax = 120_000

/** How long a compiler may take to say its version. The first start after an installation can take seconds. */
export const compilerVersionMsMax = 20_000

/** What a program may say before the rest is dropped: far more than is looked at. */
export const programTextMax = 65_536

/** Lines of a compiler's complaint that go into a reason: the place, the error, and what it refers to. */
export const complaintLinesMax = 5

/** Characters of such a line: macros can make them very long. */
export const complaintLineCharactersMax = 300
