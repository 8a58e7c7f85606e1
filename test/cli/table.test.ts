import t from 'tap'
import { table } from '../../src/cli/table.ts'

t.test('columns are as wide as their widest cell, and no line ends in spaces', async t => {
  t.equal(table([['a', 'long cell', ''], ['longer', 'b', 'c']]), 'a       long cell\nlonger  b          c')
  t.equal(table([['a', '1'], ['b', '1000']], [1]), 'a     1\nb  1000')
  t.equal(table([]), '')
})

t.test('colours take no room', async t => {
  t.equal(table([['\u001b[31mred\u001b[39m', 'x'], ['green', 'y']]), '\u001b[31mred\u001b[39m    x\ngreen  y')
})
