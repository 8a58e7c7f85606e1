/** Loaded before the program (`--import`): every write of a file takes a while, as on a disk that others keep busy. */
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const pauseMs = 20

for (const name of ['write', 'writev']) {
  const write = fs[name]
  fs[name] = (...given) => { setTimeout(() => write(...given), pauseMs) }
}
syncBuiltinESMExports()
