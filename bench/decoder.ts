import type { Clock } from '../src/contracts/clock.ts'
import { createNames } from '../src/sources/forward/container-name.ts'
import { FrameAssembler } from '../src/sources/forward/frame-assembler.ts'
import { FrameMemory } from '../src/sources/forward/frame-memory.ts'
import { FrameReader } from '../src/sources/forward/frame-reader.ts'
import type { ForwardLimits } from '../src/sources/forward/limits.ts'

/** What decodes the frames of one connection, which shares its memory with nobody. */
export function createDecoder (limits: ForwardLimits, clock: Pick<Clock, 'wallMs' | 'monotonicMs'>) {
  const memory = new FrameMemory(limits.maxFrameBytes, clock).share('bench', { trim () {}, evict () {} })
  return {
    assembler: new FrameAssembler(limits, memory),
    reader: new FrameReader({ limits, clock, names: createNames(), memory, linesCut: { value: 0 } }),
  }
}
