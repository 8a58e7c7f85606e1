import t from 'tap'
import { releaseNotes } from '../../scripts/release-notes.ts'

const changelog = `# Changelog

## Unreleased

- Not yet.

## [0.2.0] - 2026-12-01

### Added

- A thing.

## 0.1.0

- The first.

## 0.0.1
`

t.test('the notes of a version are its section of the changelog, whole and alone', async t => {
  t.equal(releaseNotes('v0.2.0', '0.2.0', changelog), '### Added\n\n- A thing.')
  t.equal(releaseNotes('v0.1.0', '0.1.0', changelog), '- The first.')
})

t.test('a tag that is not the version of package.json makes no release', async t => {
  for (const tag of ['v0.1.0', '0.2.0', 'v0.2.0-rc.1', '']) {
    t.throws(() => releaseNotes(tag, '0.2.0', changelog), { message: /expected the tag v0\.2\.0/ }, tag)
  }
})

t.test('a version that the changelog does not have, or says nothing of, makes no release', async t => {
  t.throws(() => releaseNotes('v0.3.0', '0.3.0', changelog), { message: /expected a section `## 0\.3\.0`/ })
  t.throws(() => releaseNotes('v0.0.1', '0.0.1', changelog), { message: /to say something/ })
})
