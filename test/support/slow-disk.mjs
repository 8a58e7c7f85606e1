/** Loaded before the program (`--import`): every write of a file takes a while, as on a disk that others keep busy. */
import { open } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'

const pauseMs = 20
const handle = await open('/dev/null')
const prototype = Object.getPrototypeOf(handle)
await handle.close()

const { writev } = prototype
prototype.writev = async function slowly (...parts) {
  await delay(pauseMs)
  return await writev.apply(this, parts)
}
