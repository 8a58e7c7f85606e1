import type { Readable } from 'node:stream'
import type { Config } from '../config/settings.ts'
import type { Stream } from '../contracts/record.ts'
import type { Acceptor, Source } from '../contracts/source.ts'
import { ForwardSource } from '../sources/forward/server.ts'
import { createForwardShare } from '../sources/forward/share.ts'
import { StdinSource, type InputEnd } from '../sources/stdin.ts'
import type { Spool } from '../spool/spool.ts'
import type { AcceptAgain } from './again.ts'
import type { MemoryBudget } from './memory.ts'
import type { Inbound } from './inbound-types.ts'
import { withOwnTimes, type OwnTimesOptions } from './own-times.ts'
import type { Instruments } from '../telemetry/instruments.ts'

/** Standard input instead of sockets; `isFile`: bytes that are not read stay in the file. */
export interface StandardInput {
  readonly input: Readable
  readonly isFile: boolean
  readonly stream: Stream
  /** Records have the times that their lines say; else those at which they are read. */
  readonly ownTimes?: Pick<OwnTimesOptions, 'lineTime' | 'firstMs' | 'tellsOld'> | undefined
}

/**
 * Makes the source of records that are sent again; it may wait as long as the spool is full. `directory` is that of the
 * spool, as `Spool` has it.
 */
export type CreateReplay = (
  accept: AcceptAgain, room: Acceptor, directory: () => string | undefined
) => Source & { readonly ended: Promise<InputEnd> }

export interface SourceOptions extends Pick<Instruments, 'clock' | 'metrics' | 'log'> {
  readonly config: Config
  readonly stdin?: StandardInput
  /** Records that had passed before, in place of sockets and standard input. */
  readonly replay?: CreateReplay
  /** As `mayWait` says. */
  readonly waitsForRoom: boolean
  /** `framesBytes`: most memory of frames in the making, those of all senders together. */
  readonly memory: Pick<MemoryBudget, 'framesBytes' | 'tlsConnections'>
}

/** Whether reading waits as long as the spool is full. A file can wait; with a pipe, its writer would wait too. */
export function mayWait ({ config, stdin, replay }: Pick<SourceOptions, 'config' | 'stdin' | 'replay'>): boolean {
  if (replay !== undefined) return true
  if (stdin === undefined) return false
  const { wait } = config.stdin
  return wait === 'auto' ? stdin.isFile : wait === 'always'
}

interface Sources {
  readonly sources: readonly Source[]
  readonly inputEnded: Promise<InputEnd>
  /** Memory that frames in the making take. */
  readonly framesBytes: () => number
}

/** Makes what the settings ask for: standard input, or a socket for each address. `room` is what they all fill. */
export function createSources (
  options: SourceOptions, inbound: Inbound, room: Pick<Spool, 'isFull' | 'whenWritable' | 'writeThisTurn' | 'directory'>
): Sources {
  const { config, log, stdin, replay, clock, metrics, waitsForRoom, memory } = options
  if (replay !== undefined) {
    const source = replay(inbound.again('replay'), inbound.acceptor('replay'), () => room.directory)
    return { sources: [source], inputEnded: source.ended, framesBytes: () => 0 }
  }
  if (stdin !== undefined) {
    const { ownTimes, ...input } = stdin
    const acceptor = inbound.acceptor('stdin')
    const source = new StdinSource({
      ...input,
      maxLineBytes: config.stdin.maxLineBytes,
      quietMs: config.stop.quiet,
      waitsForRoom,
      acceptor: ownTimes === undefined ? acceptor : withOwnTimes(acceptor, { ...ownTimes, clock, log }),
      clock,
      metrics,
      log,
    })
    return { sources: [source], inputEnded: source.ended, framesBytes: () => 0 }
  }
  const share = createForwardShare({
    room,
    clock,
    maxStallMs: config.spool.maxStall,
    maxMemoryBytes: memory.framesBytes,
    onRound: () => room.writeThisTurn(),
  })
  const shared = {
    limits: config.forward,
    share,
    pauseMs: config.forward.readPause,
    quietMs: config.stop.quiet,
    clock,
    metrics,
    log,
  }
  const sources: Source[] = []
  if (config.unixSocket !== 'off') {
    sources.push(new ForwardSource({
      ...shared,
      listen: { kind: 'unix', path: config.unixSocket, mode: config.unixSocketMode },
      acceptor: inbound.acceptor('unix'),
    }))
  }
  if (config.tcp !== 'off') {
    const maxConnections = config.tcpTls.cert === 'off' ? config.forward.maxConnections : memory.tlsConnections
    sources.push(new ForwardSource({
      ...shared,
      limits: { ...config.forward, maxConnections },
      listen: { kind: 'tcp', ...config.tcp },
      access: {
        allow: config.tcpAllow,
        tls: config.tcpTls,
        auth: config.tcpAuth,
        handshakeTimeoutMs: config.tcpHandshakeTimeout,
        reloadMs: config.tcpReload,
      },
      acceptor: inbound.acceptor('tcp'),
    }))
  }
  for (const source of sources) metrics.gauge('sluice_source_open', [source.name], () => source.isOpen ? 1 : 0)
  return { sources, inputEnded: new Promise(() => undefined), framesBytes: () => share.memory.usedBytes }
}

// Tested in test/integration/metrics.test.ts
