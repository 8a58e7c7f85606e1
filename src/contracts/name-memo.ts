/**
 * Remembers what `make` makes of a name, a container's for one: there are few, and thousands of records in a row have
 * the same one. Senders choose them, so beyond `maxCount` all are forgotten.
 */
export function createNameMemo<Made> (make: (name: string) => Made, maxCount = 1024): (name: string) => Made {
  const known = new Map<string, Made>()
  let lastName: string | undefined
  let last: Made | undefined
  return name => {
    if (name !== lastName) {
      let made = known.get(name)
      if (made === undefined) {
        made = make(name)
        if (known.size >= maxCount) known.clear()
        known.set(name, made)
      }
      // Only now: `make` may throw.
      last = made
      lastName = name
    }
    return last as Made
  }
}
