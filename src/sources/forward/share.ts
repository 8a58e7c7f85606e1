import { Mutex } from '../../contracts/mutex.ts'
import { createNames, type Names } from './container-name.ts'
import { FrameMemory } from './frame-memory.ts'
import { ReadMemory } from './read-memory.ts'
import { Rounds, type RoundsOptions } from './rounds.ts'
import { Turns, type TurnsOptions } from './turns.ts'

/** What all Forward sources of the process share, each connection having its part. */
export interface ForwardShare {
  readonly turns: Turns
  readonly rounds: Rounds
  readonly memory: FrameMemory
  readonly readMemory: ReadMemory
  readonly names: Names
  /** Unpacking is one piece at a time: the thread pool writes the spool and finds hosts as well. */
  readonly unpacking: Mutex
}

export interface ForwardShareOptions extends Omit<TurnsOptions, 'clock'>, RoundsOptions {
  /** Most memory of frames in the making. */
  readonly maxMemoryBytes: number
}

export function createForwardShare (options: ForwardShareOptions): ForwardShare {
  return {
    turns: new Turns(options),
    rounds: new Rounds(options),
    memory: new FrameMemory(options.maxMemoryBytes, options.clock),
    readMemory: new ReadMemory(),
    names: createNames(),
    unpacking: new Mutex(),
  }
}

// Tested in test/sources/forward/server.test.ts
