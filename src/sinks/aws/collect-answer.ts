/** The longest of AWS names a thousand keys of a bucket; what stores lines is answered with some hundred bytes. */
const mostBytes = 8 * 1024 * 1024

/**
 * The body of an answer, as every client collects it. One without end, of whoever is in the place of AWS, would
 * otherwise take the memory of the container within the time of one request.
 *
 * @throws Error `AnswerTooLong`
 */
export async function collectAnswer (body: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = []
  let bytes = 0
  // Ended by the answer, by the signal that the request was given, or here: leaving it closes the connection.
  for await (const part of body) {
    bytes += part.length
    if (bytes > mostBytes) throw Object.assign(new Error(`expected at most ${mostBytes} bytes`), { name: 'AnswerTooLong' })
    parts.push(part)
  }
  return Buffer.concat(parts)
}
