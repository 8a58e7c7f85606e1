import { constants } from 'node:os'
import t from 'tap'
import { atCodes, diskErrorTable, diskProblem, errorCode, hangCode, isOfProcess, whereAbsent } from '../../src/contracts/disk-errors.ts'
import { systemError } from '../spool/memory-disk.ts'

t.test('a refusal of a disk is told with its code, the setting to look at, and what to do', async t => {
  t.equal(diskProblem('EROFS', 'dataDir'), 'EROFS: dataDir is on a read-only file system: set it to one that takes writes')
  t.match(diskProblem('EACCES', 'file.directory'), /let this user write below file\.directory, or set file\.directory to a directory of its own$/)
})

t.test('a disk that others filled is called full, and no quota of ours is blamed', async t => {
  t.match(diskProblem('ENOSPC', 'dataDir'), /^ENOSPC: the disk of dataDir is full, whoever filled it: free space/)
  for (const code of ['ENOSPC', 'EDQUOT']) t.notMatch(diskProblem(code, 'dataDir'), /quota/)
})

t.test('a disk may be full though it has free bytes, and a file too large though the disk is not full', async t => {
  t.match(diskProblem('ENOSPC', 'dataDir'), /: free space, or files where `df -i` says that all inodes are used, or set dataDir to another disk$/)
  t.match(diskProblem('EFBIG', 'dataDir'), /: raise the limit \(ulimit fsize\) of the container/)
})

t.test('a disk that hangs is told without a code of the system, which says nothing', async t => {
  t.match(diskProblem(hangCode, 'dataDir'), /^HANGS: a file operation below dataDir does not end: look at the disk/)
})

t.test('what a network file system refuses is told as such: its disk is not to be looked for here', async t => {
  for (const code of ['ESTALE', 'ETIMEDOUT', 'ENOTCONN']) t.match(diskProblem(code, 'dataDir'), /^E\w+: .* network file system .* dataDir.*: /, code)
})

t.test('a code says whether another file would fail alike', async t => {
  for (const code of ['EMFILE', 'ENOMEM']) t.ok(isOfProcess(code), code)
  for (const code of ['EIO', 'EISDIR', 'EACCES', 'ELOOP']) t.notOk(isOfProcess(code), code)
})

t.test('what the table does not know has no words, whatever its name', async t => {
  for (const code of ['EXDEV', 'UNKNOWN', 'constructor', '__proto__']) t.equal(diskProblem(code, 'dataDir'), undefined)
})

t.test('the code of an error is the system\'s, also where Node has no name for it', async t => {
  t.equal(errorCode(systemError('EIO')), 'EIO')
  t.equal(errorCode(new Error('x')), 'UNKNOWN')
  t.equal(errorCode('x'), 'UNKNOWN')
  const nameless = (errno: number) => Object.assign(systemError(`Unknown system error ${errno}`), { errno })
  t.equal(errorCode(nameless(-constants.errno.EDQUOT)), 'EDQUOT')
  t.equal(errorCode(nameless(-9999)), 'Unknown system error -9999')
})

t.test('every code of the table is one of the system', async t => {
  for (const code of diskErrorTable.keys()) t.ok(Object.hasOwn(constants.errno, code), code)
})

t.test('only the codes that are asked for are answered, any other failure stays one', async t => {
  t.equal(await Promise.reject(systemError('ENOENT')).catch(whereAbsent('none')), 'none')
  t.equal(await Promise.reject(systemError('EEXIST')).catch(atCodes(['EEXIST', 'ENOTDIR'], 'there')), 'there')
  await t.rejects(Promise.reject(systemError('EIO')).catch(whereAbsent('none')), { code: 'EIO' })
})
