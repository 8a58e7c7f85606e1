import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import t from 'tap'
import { piecesOf, type ReplayInput } from '../../../src/cli/replay/input.ts'
import { SentBefore } from '../../../src/cli/replay/sent.ts'

function inputOf (content: Buffer | string, name = 'x.ndjson', chunkBytes = 70_000): ReplayInput {
  const bytes = Buffer.from(content)
  const chunks = Array.from({ length: Math.ceil(bytes.length / chunkBytes) }, (_, index) =>
    bytes.subarray(index * chunkBytes, (index + 1) * chunkBytes))
  const open = async () => Readable.from(chunks)
  return { name, bytes: bytes.length, deliveredBytes: 0, open, readLine: () => undefined }
}

async function textOf (pieces: AsyncGenerator<Buffer, void>): Promise<string> {
  const texts: string[] = []
  for await (const piece of pieces) texts.push(piece.toString())
  return texts.join('')
}

const lines = (count: number, name = 'line') => Array.from({ length: count }, (_, index) => `${name} ${index}\n`).join('')

t.test('an input is read in whole lines, however it is stored and cut, without what was never finished', async t => {
  const content = `${lines(20_000)}${'x'.repeat(3_000_000)}\n${lines(100)}`
  t.equal(await textOf(piecesOf(inputOf(`${content}torn`))), content)
  t.equal(await textOf(piecesOf(inputOf(gzipSync(content), 'x.ndjson.gz'))), content)
  t.equal(await textOf(piecesOf(inputOf(zstdCompressSync(content), 'x.ndjson.zst'))), content)
  t.equal(await textOf(piecesOf(inputOf('torn'))), '')
  for await (const piece of piecesOf(inputOf(content))) t.equal(piece.at(-1), 10)
})

t.test('what was stored is not read again, also after a kill in any moment', async t => {
  const path = join(t.testdir(), '.replayed')
  const content = lines(400_000)
  const read: string[] = []
  for (let life = 0; read.join('').length < content.length; life++) {
    const sent = await SentBefore.open(path)
    const rest = sent.restOf(() => piecesOf(inputOf(content, `name-${life}`)), 0)
    const { value } = await rest.pieces.next()
    if (value === undefined) break
    read.push(value.toString())
    await rest.stored()
    // Killed while the next line was being written.
    appendFileSync(path, '{"id":"')
  }
  t.equal(read.join(''), content)
  t.ok(read.length > 3)
  const none = (await SentBefore.look(path)).restOf(() => piecesOf(inputOf(content)), 0)
  t.equal(await textOf(none.pieces), '')
  t.equal(none.skippedLines, content.toString().split('\n').length - 1, 'all of them were sent before')
})

t.test('a file that has grown goes on, one that holds something else begins anew, and a cursor is believed', async t => {
  const path = join(t.testdir(), '.replayed')
  const sent = await SentBefore.open(path)
  const rest = sent.restOf(() => piecesOf(inputOf(lines(10))), 0)
  await textOf(rest.pieces)
  await rest.stored()
  const again = async (content: string, deliveredBytes = 0) =>
    await textOf((await SentBefore.look(path)).restOf(() => piecesOf(inputOf(content)), deliveredBytes).pieces)
  t.equal(await again(lines(11)), 'line 10\n')
  t.equal(await again(lines(5)), lines(5), 'cut: not the content that was sent')
  t.equal(await again(lines(10).replace('line 5', 'LINE 5')), lines(10).replace('line 5', 'LINE 5'))
  t.equal(await again(lines(3, 'other'), 'other 0\n'.length), 'other 1\nother 2\n')
  t.equal(await again(''), '')
})

t.test('a piece that was begun and not stored is remembered until it is taken back', async t => {
  const path = join(t.testdir(), '.replayed')
  const spool = { boot: 'b', lastNumber: 3, open: { 'error/web/x': 10 } }
  const first = await SentBefore.open(path)
  t.equal(first.interrupted, undefined)
  await first.begin(spool)
  for (let life = 0; life < 2; life++) t.same((await SentBefore.open(path)).interrupted, spool, 'also over further kills')
  await (await SentBefore.open(path)).rolledBack()
  t.equal((await SentBefore.open(path)).interrupted, undefined)
  await first.begin(spool)
  const rest = first.restOf(() => piecesOf(inputOf(lines(1))), 0)
  await textOf(rest.pieces)
  await rest.stored()
  t.equal((await SentBefore.open(path)).interrupted, undefined, 'stored')
})

t.test('a record of sent that cannot be read or written is told before anything is sent', async t => {
  const directory = t.testdir({ file: '' })
  await t.rejects(SentBefore.open(join(directory, 'file/.replayed')), { code: /ENOTDIR|EEXIST/ })
  writeFileSync(join(directory, '.replayed'), 'not ours\n')
  await t.rejects(SentBefore.open(join(directory, '.replayed')))
  t.equal(readFileSync(join(directory, '.replayed'), 'utf8'), 'not ours\n')
})
