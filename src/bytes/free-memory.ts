/**
 * Gives the memory of a buffer back now instead of at the next garbage collection; afterwards the buffer is empty.
 *
 * Buffers lie outside of V8's heap, and the hot path makes next to no garbage within it. So minor collections are
 * rare, dead buffers pile up to 64 MB, and V8 answers with full collections: under load every few milliseconds, for the
 * 64 KiB that Node allocates for each read of a socket, which was a fifth of the CPU of the whole process. Detaching
 * frees at once, and the next allocation gets the same warm memory.
 *
 * The caller must hold the last reference, and no system call may still be using the memory. Buffers that share theirs
 * with others (small ones, of Node's pool) are left alone.
 */
export function freeMemory (bytes: Buffer): void {
  const { buffer } = bytes
  if (bytes.byteLength === buffer.byteLength && buffer instanceof ArrayBuffer) buffer.transfer(0)
}
