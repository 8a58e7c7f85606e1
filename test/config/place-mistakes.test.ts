import t from 'tap'
import { tryConfig } from '../../src/config/load.ts'
import { describeMistake } from '../../src/config/mistake.ts'
import { readerOf } from '../support/read-file.ts'

function mistakesOf (yaml: string): string[] {
  const outcome = tryConfig({ configFile: 'sluice.yaml', env: {}, readFile: readerOf({ 'sluice.yaml': yaml }) })
  return outcome.kind === 'config' ? [] : outcome.mistakes.map(describeMistake)
}

t.test('files that would lie among the segments or the dead letters of an instance are a mistake', t => {
  const wrong = {
    'the spool itself': 'dataDir: /data\nfile: {directory: /data/task1/spool}',
    'below it': 'dataDir: /data\nfile: {directory: /data/task1/spool/access/_/}',
    'that of another instance': 'hostId: task1\ndataDir: /data\nfile: {directory: /data/task2/spool}',
    'by another way': 'dataDir: /data/x/..\nfile: {directory: /data/./task1//spool}',
    'relative paths': 'dataDir: data\nfile: {directory: data/task1/spool}',
    'dead letters': 'dataDir: /data\nfile: {directory: /data/task1/dead-letter}',
    'by the prefix': 'dataDir: /data\nprefix: spool/\nfile: {directory: /data/task1}',
    'by the key': 'dataDir: /data\nobjects: {key: "{task}/spool/{class}/_/{segment}.ndjson"}\nfile: {directory: /data}',
    'by a class': 'dataDir: /mnt/access\nobjects: {key: "{class}/{task}/spool/{segment}"}\nfile: {directory: /mnt}',
    'by the key of a container': 'dataDir: /mnt/data\ncontainers: {web: {key: "data/{task}/spool/{segment}"}}\nfile: {directory: /mnt}',
    'by the stream': 'dataDir: /mnt/logs\nevents: {stream: "{task}/spool/{class}"}\nfile: {directory: /mnt}',
    'by the name of a route': 'dataDir: /data\nroutes: {spool: {maxBytes: 1MiB}, app: {copyTo: [spool]}}\nobjects: {key: "{class}/{segment}"}\nfile: {directory: /data/task1}',
  }
  for (const [name, yaml] of Object.entries(wrong)) {
    t.match(mistakesOf(yaml), [/^sluice\.yaml:\d+:\d+: file\.directory: files would lie in "[^"]+\/(?:spool|dead-letter)", where an instance keeps .*; allowed: /], name)
  }
  t.match(mistakesOf('dataDir: /data\nfile: {directory: /data/task1/spool}'), [/^sluice\.yaml:2:19: /])
  t.end()
})

t.test('files beside the spool, or around it, are no mistake', t => {
  for (const yaml of [
    'dataDir: /data\nfile: {directory: /data/delivered}',
    'dataDir: /data\nfile: {directory: /data}',
    'dataDir: /data\nfile: {directory: /data/task1/delivered}',
    'dataDir: /data/spool\nfile: {directory: /data}',
    'dataDir: /data/spool\nfile: {directory: /data/spool/spool}',
    'dataDir: /data\nfile: {directory: /data-2/task1/spool}',
    'dataDir: /data\nprefix: spool/\nfile: {directory: /data}',
    'dataDir: /data\nprefix: spool/',
    'dataDir: /data\nbucket: shop-logs\nobjects: {key: "{task}/spool/{segment}"}\nfile: {directory: /data}',
  ]) t.same(mistakesOf(yaml), [], yaml)
  t.end()
})

t.test('a key of files that leads out of their directory is a mistake; a name with two dots is none', t => {
  t.same(mistakesOf('objects:\n  key: "../{class}/{segment}"'), ['sluice.yaml:2:8: objects.key: found "../{class}/{segment}", ' +
    'which leads out of the directory of files; allowed: a key without `..` between slashes, or a bucket for these records'])
  t.match(mistakesOf('prefix: ../x/'), [/^sluice\.yaml:1:9: prefix: found "\.\.\/x\/"/])
  t.match(mistakesOf('containers: {web: {key: "a/../{segment}"}}'), [/containers\.web\.key: /])
  t.match(mistakesOf('bucket: shop-logs\nroutes: {a: {to: s3, prefix: "a/../../"}, app: {copyTo: [a]}}'), [])
  t.match(mistakesOf('routes: {a: {to: s3, prefix: "a/../../"}, app: {copyTo: [a]}}'), [/routes\.a\.prefix: /])
  t.match(mistakesOf('routes: {a: {key: "{segment}/.."}, app: {copyTo: [a]}}'), [/routes\.a\.key: /])
  for (const key of ['..{class}/{segment}', 'a..b/{segment}', './{segment}', '{prefix}../{segment}']) {
    t.same(mistakesOf(`prefix: a\nobjects: {key: "${key}"}`), [], key)
  }
  t.end()
})
