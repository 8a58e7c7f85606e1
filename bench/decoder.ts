import type { Clock } from '../src/contracts/clock.ts'
import { createNames, type Names } from '../src/sources/forward/container-name.ts'
import { FrameAssembler } from '../src/sources/forward/frame-assembler.ts'
import { FrameMemory } from '../src/sources/forward/frame-memory.ts'
import { FrameReader } from '../src/sources/forward/frame-reader.ts'
import type { ForwardLimits } from '../src/sources/forward/limits.ts'

/** What decodes the frames of one connection, which shares its memory with nobody, and `names` with all others. */
export function createDecoder (
  limits: ForwardLimits, clock: Pick<Clock, 'wallMs' | 'monotonicMs'>, names: Names = createNames()
) {
  const memory = new FrameMemory(limits.maxFrameBytes, clock).share('bench', { trim () {}, evict () {} })
  return {
    assembler: new FrameAssembler(limits, memory),
    reader: new FrameReader({ limits, clock, names, memory, linesCut: { value: 0 } }),
  }
}
