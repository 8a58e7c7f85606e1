import { renameSync, rmSync, writeFileSync } from 'node:fs'

/** Puts a file where a directory was, which refuses every user, root too. @returns what puts the directory back */
export function putFileInPlaceOf (directory: string): () => Promise<void> {
  renameSync(directory, `${directory}.away`)
  writeFileSync(directory, '')
  return async () => {
    rmSync(directory)
    renameSync(`${directory}.away`, directory)
  }
}
