/** What is needed of a client of the SDK to hold it. */
export interface Destroyable {
  /** Closes its connections. */
  destroy (): void
}

interface Held<Client> {
  readonly building: Promise<Client>
  /** Uses under way. */
  uses: number
  /** `retired`: another takes its place, and the last use ends it. */
  state: 'current' | 'retired' | 'ended'
}

/**
 * Keeps one client, made when it is first wanted, and lets it be replaced at any time: uses that have begun go on with
 * the client they began with.
 */
export class HeldClient<Client extends Destroyable> {
  readonly #build: () => Promise<Client>
  #held: Held<Client> | undefined

  constructor (build: () => Promise<Client>) {
    this.#build = build
  }

  /** Begins to make the client, so that the first use need not wait. What fails is tried again by the first use. */
  warm (): void {
    this.#current().building.catch(() => undefined)
  }

  async use<Result> (work: (client: Client) => Promise<Result>): Promise<Result> {
    const held = this.#current()
    held.uses++
    try {
      // Making a client is ended by the disk that its modules and AWS's configuration lie on; no network is asked.
      return await work(await held.building)
    } finally {
      held.uses--
      if (held.state === 'retired' && held.uses === 0) end(held)
    }
  }

  /** The next use has a new client; the present one ends with its last use. */
  forget (): void {
    this.#retire(false)
  }

  /** As `forget`, but uses under way lose their connections now. Safe twice. */
  close (): void {
    this.#retire(true)
  }

  #current (): Held<Client> {
    if (this.#held === undefined) {
      const held: Held<Client> = { building: this.#build(), uses: 0, state: 'current' }
      this.#held = held
      held.building.catch(() => {
        if (this.#held === held) this.#held = undefined
      })
    }
    return this.#held
  }

  #retire (isNow: boolean): void {
    const held = this.#held
    if (held === undefined) return
    this.#held = undefined
    held.state = 'retired'
    if (isNow || held.uses === 0) end(held)
  }
}

function end<Client extends Destroyable> (held: Held<Client>): void {
  held.state = 'ended'
  // A client that could not be made has nothing to close.
  held.building.then(client => client.destroy(), () => undefined)
}
