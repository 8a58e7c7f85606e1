/**
 * Begins to count what is put on the heap of JavaScript, whatever of it is collected meanwhile.
 *
 * @returns ends it: bytes since
 */
export function countAllocations (): () => number
