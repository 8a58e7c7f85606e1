/** A client of the SDK, as far as it is held here. */
export interface Destroyable {
  /** Closes its connections. */
  destroy (): void
}

interface Held<Client> {
  readonly building: Promise<Client>
  /** Uses under way. */
  uses: number
  /** Another has taken its place: the last use ends it. */
  isRetired: boolean
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
      return await work(await held.building)
    } finally {
      held.uses--
      if (held.isRetired && held.uses === 0) destroy(held)
    }
  }

  /** The next use has a new client; the present one ends with its last use. */
  forget (): void {
    this.#retire(false)
  }

  /** As `forget`, but uses under way lose their connections now. */
  rebuild (): void {
    this.#retire(true)
  }

  /** Safe twice. A use after it makes a client again. */
  close (): void {
    this.#retire(true)
  }

  #current (): Held<Client> {
    if (this.#held === undefined) {
      const held: Held<Client> = { building: this.#build(), uses: 0, isRetired: false }
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
    held.isRetired = true
    if (isNow || held.uses === 0) destroy(held)
  }
}

function destroy<Client extends Destroyable> (held: Held<Client>): void {
  // A client that could not be made has nothing to close.
  held.building.then(client => client.destroy(), () => undefined)
}
