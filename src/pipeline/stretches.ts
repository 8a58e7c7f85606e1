import type { FrameSender } from '../contracts/source.ts'
import type { Senders } from '../fast-path/senders.ts'
import type { RequestsOf } from '../signals/request-metrics.ts'
import type { LineBlocks } from './inbound-types.ts'
import type { LineSignals } from './line-signals.ts'
import type { Outlets } from './outlets.ts'
import { isByContainer, type Route } from './routes.ts'

/** Where lines go in stretches: to one segment of a route. */
export interface Stretch {
  /** Of all senders whose lines go there. */
  readonly number: number
  /** Undefined where lines cannot go there in stretches. */
  readonly blocks: LineBlocks | undefined
  /** What the segments of the route call the container. */
  readonly segmentName: string
}

/** Of senders whose lines are not taken. */
export const nowhere: Stretch = { number: 0, blocks: undefined, segmentName: '' }
/** Of no sender. */
export const noStretch = -1

/** Where there is room for no more senders, one of so many that are not known gets another's place. */
const oneOf = 8

export interface StretchesOptions {
  readonly senders: Senders
  /** Where access lines go that are JSON. */
  readonly access: Outlets
  readonly blocksOf: (route: Route) => LineBlocks
  readonly rowCounts: Pick<LineSignals['rowCounts'], 'of'>
}

/** Which container a sender is, and where its access lines go, by the number by which the fast path knows it. */
export class Stretches {
  readonly #options: StretchesOptions
  /** Of routes where all containers share a segment. */
  readonly #ofRoutes = new Map<Route, Stretch>()
  readonly #containers: string[] = []
  readonly #requestsOf: (RequestsOf | undefined)[] = []
  readonly #ofSenders: Stretch[] = []
  #count = nowhere.number
  #unknownCount = 0

  constructor (options: StretchesOptions) {
    this.#options = options
  }

  /** What is counted of its requests: asked for with the first of them, since it has series from then on. */
  requestsOf (sender: number): RequestsOf {
    return (this.#requestsOf[sender] ??= this.#options.rowCounts.of(this.#containers[sender] as string))
  }

  ofSender (sender: number): Stretch { return this.#ofSenders[sender] as Stretch }

  /**
   * The frame is of a sender that was not known, and of this container.
   *
   * @param isAgain so was the one before, of its connection: they are not in turns
   * @returns false where it never can be known
   */
  learn (frame: FrameSender, container: string, isAgain: boolean): boolean {
    const { senders } = this.#options
    if (!senders.fits(frame)) return false
    // Of more in turns than there is room for, each would put out another before that one's next line.
    if (senders.isFull && !isAgain && ++this.#unknownCount % oneOf !== 0) return true
    const stretch = this.#of(container)
    const sender = senders.add(frame, stretch.number)
    this.#containers[sender] = container
    this.#requestsOf[sender] = undefined
    this.#ofSenders[sender] = stretch
    return true
  }

  #of (container: string): Stretch {
    const { access } = this.#options
    const { route } = access.of(container)
    if (route.kind !== 'objects' || access.copiesOf(container).outlets.length > 0) return nowhere
    if (isByContainer(route)) return this.#create(route, container)
    let shared = this.#ofRoutes.get(route)
    if (shared === undefined) this.#ofRoutes.set(route, shared = this.#create(route, ''))
    return shared
  }

  #create (route: Route, segmentName: string): Stretch {
    return { number: ++this.#count, blocks: this.#options.blocksOf(route), segmentName }
  }
}

// Tested in test/pipeline/ordinary-frames.test.ts
