/** Containers that have series of their own: their names come from senders, who may send any number of them. */
const maxCount = 50

/** Gives what is kept of a container; all beyond the fiftieth share what is kept of `other`. */
export function createByContainer<Kept> (create: (container: string) => Kept): (container: string) => Kept {
  const byContainer = new Map<string, Kept>()
  let others: Kept | undefined
  let lastContainer: string | undefined
  let last: Kept | undefined

  function find (container: string): Kept {
    const known = byContainer.get(container)
    if (known !== undefined) return known
    if (byContainer.size >= maxCount) return (others ??= create('other'))
    const kept = create(container)
    byContainer.set(container, kept)
    return kept
  }

  return container => {
    // Most lines come from the same container as the line before.
    if (container !== lastContainer || last === undefined) {
      last = find(container)
      lastContainer = container
    }
    return last
  }
}
