import { createLetterObjects, type LetterObjectsOptions } from '../sinks/s3/letter-objects.ts'
import { createS3Objects, type S3ObjectsOptions } from '../sinks/s3/objects.ts'

/** Where dead letters of a route outlive the disk. */
export interface LetterStore {
  /** As `StoreLetters`; `onRequest` is called as the request begins. */
  store (text: Buffer, signal: AbortSignal, onRequest: () => void): Promise<void>
  close (): void
}

/** Makes the client when there is a letter: most processes never have one. */
export function createLetterStore (options: S3ObjectsOptions & Omit<LetterObjectsOptions, 'objects'>): LetterStore {
  let made: { readonly store: LetterStore['store'], readonly close: () => void } | undefined
  const make = () => {
    const objects = createS3Objects(options)
    return { store: createLetterObjects({ ...options, objects }), close: () => objects.close() }
  }
  return {
    store: async (text, signal, onRequest) => {
      made ??= make()
      await made.store(text, signal, onRequest)
    },
    close: () => made?.close(),
  }
}

// Tested in test/e2e/dead-letters.test.ts
