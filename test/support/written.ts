import { Writable } from 'node:stream'

/** Streams for what a command writes, and the text that they were sent. */
export function writtenStreams () {
  const written = { out: '', error: '' }
  const into = (name: keyof typeof written) => new Writable({
    write (chunk: Buffer, _encoding, done) {
      written[name] += chunk.toString()
      done()
    },
  })
  return { written, stdout: into('out'), stderr: into('error') }
}
