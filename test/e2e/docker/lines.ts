import { writeFileSync } from 'node:fs'

/** Longest piece of a line that Docker sends at once. */
const pieceBytes = 16_384

/** Lines as no web server writes them: every byte, lengths around the driver's cut, characters cut in the middle. */
export function writeHostileLines (path: string): void {
  const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte).filter(byte => byte !== 10))
  const lengths = [1, 2_047, 2_048, 2_049, pieceBytes - 1, pieceBytes, pieceBytes + 1, 2 * pieceBytes, 40_000, 300_000]
  const lines = [
    everyByte,
    Buffer.alloc(0),
    Buffer.from('\r'),
    Buffer.from(' '),
    ...lengths.map(length => Buffer.from('長い'.repeat(length).slice(0, length)).subarray(0, length)),
    ...lengths.map(length => Buffer.alloc(length, 'x')),
    Buffer.alloc(5_000, everyByte),
    Buffer.from('{"level":"info","message":"日本語"}'),
    Buffer.from(`{"level":"info","message":"${'長'.repeat(7_000)}"}`),
    Buffer.from('{"status":200,'),
  ]
  writeFileSync(path, Buffer.concat(lines.flatMap(line => [line, Buffer.from('\n')])))
}
