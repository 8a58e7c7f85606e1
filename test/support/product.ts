import { join } from 'node:path'
import { bundle } from '../../scripts/bundle.ts'
import { shortDirectory, type Owner, type SluiceOptions } from './sluice-process.ts'

/** Of the container that the documentation names. */
export const containerMiB = 256

/**
 * Makes what the image holds: for tests of what the product takes of a machine. From its sources it takes more, since
 * Node has to take the types out of them. The environment is that of the `Dockerfile`, in the container of the docs.
 */
export async function makeProduct (t: Owner): Promise<Required<Pick<SluiceOptions, 'program' | 'env'>>> {
  const program = join(shortDirectory(t), 'sluice.cjs')
  await bundle(program)
  return {
    program,
    env: {
      NODE_ENV: 'production',
      UV_THREADPOOL_SIZE: '8',
      MALLOC_ARENA_MAX: '1',
      SLUICE_MEMORY_MAX_BYTES: `${containerMiB}MiB`,
    },
  }
}
