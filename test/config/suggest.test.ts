import fc from 'fast-check'
import t from 'tap'
import { editDistance, suggest, suggestWord } from '../../src/config/suggest.ts'

t.test('the distance counts insertions, deletions, replacements and swaps', async t => {
  t.equal(editDistance('', ''), 0)
  t.equal(editDistance('abc', ''), 3)
  t.equal(editDistance('spool', 'spol'), 1)
  t.equal(editDistance('spool', 'spolo'), 1)
  t.equal(editDistance('gzip', 'zstd'), 4)
  fc.assert(fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
    const distance = editDistance(a, b)
    return distance === editDistance(b, a) && distance <= Math.max(a.length, b.length) && (distance === 0) === (a === b)
  }))
})

t.test('a slip or another habit of writing finds the word, nonsense finds none', async t => {
  const words = ['maxBytes', 'maxAge', 'syncInterval', 'to']
  t.equal(suggest('maxByte', words), 'maxBytes')
  t.equal(suggest('max_bytes', words), 'maxBytes')
  t.equal(suggest('MAX-AGE', words), 'maxAge')
  t.equal(suggest('eu-east-1', ['ap-east-1', 'me-west-1', 'eu-west-1', 'us-east-1']), 'eu-west-1', 'of those as near, the like beginning')
  t.equal(suggest('intervalSync', words), undefined)
  t.equal(suggest('xyzzy', words), undefined)
  t.equal(suggest('', words), undefined)
  t.equal(suggest('maxBytes'.repeat(9), words), undefined)
})

t.test('a part of a word of a short list finds it, and so does more than the word', async t => {
  t.equal(suggestWord('gz', ['gzip', 'zstd', 'none']), 'gzip')
  t.equal(suggestWord('warning', ['info', 'warn', 'error']), 'warn')
  t.equal(suggestWord('kms', ['AES256', 'aws:kms:dsse', 'aws:kms']), 'aws:kms')
  t.equal(suggestWord('nnoe', ['gzip', 'none']), 'none')
  for (const nonsense of ['g', '', 'yes']) t.equal(suggestWord(nonsense, ['gzip', 'zstd']), undefined)
})

t.test('characters of full width are those that they look like', async t => {
  t.equal(suggest('ｂｕｃｋｅｔ', ['bucket']), 'bucket')
  t.equal(suggest('\u3000sync', ['sync']), 'sync')
})
