/** What was found when a record was asked for: no more, one, or none yet; then ask again, since long work has steps. */
export const found = { end: 0, record: 1, nothingYet: 2 } as const
export type Found = typeof found[keyof typeof found]

// Tested in test/sources/forward/frame-reader.test.ts
