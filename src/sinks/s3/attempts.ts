/** Answers that the object is there, of which nobody knows how that could be, before it gets another key. */
const mostDoubted = 2

/**
 * What is known of the requests for one object, to judge an answer that says that it is there already (412): it is
 * believed where an earlier request may have stored the object. Nobody else can have made its key.
 */
export class Attempts {
  /** Requests that may have stored the object: those under way, and those without an answer. */
  #openCount = 0
  #mayBeStored = false
  #doubtedCount = 0

  /** What to put behind the name of the object: nothing, until its key turned out to be taken. */
  get suffix (): string {
    return this.#doubtedCount < mostDoubted ? '' : `-${this.#doubtedCount}`
  }

  /** Another process may have stored the object. */
  mayBeStored (): void {
    this.#mayBeStored = true
  }

  /** A request begins. Where no answer comes it may have stored the object, also if it was given up meanwhile. */
  begin () {
    this.#openCount++
    return {
      /** It is known that the request stored nothing. */
      refused: (): void => { this.#openCount-- },
      /** The answer says that the object is there. @returns false when it cannot be: the request stored nothing then */
      isBelieved: (): boolean => {
        if (this.#mayBeStored || this.#openCount > 1) return true
        this.#openCount--
        this.#doubtedCount++
        return false
      },
    }
  }
}
