import { runShard } from './shard.ts'

runShard(4)
