import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createJournal } from '../local/journal.ts'
import { startTerminal } from '../local/terminal.ts'
import { DESTINATION, envelopeIn, NOW, tenantRow, waiting } from './tools/changes.ts'

function start(isTTY: boolean, columns = 200) {
  const journal = createJournal({ now: () => NOW })
  let text = ''
  const terminal = startTerminal(journal, { out: { write: (more: string) => (text += more), isTTY, columns } })
  const take = () => {
    const taken = text
    text = ''
    return taken
  }
  return { journal, terminal, take }
}

test('without a terminal, a line is written when it has changed, and at most once a second', t => {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] })
  const { journal, terminal, take } = start(false)
  tenantRow(journal, 'loja-abc')
  const envelope = envelopeIn(journal, waiting('a'))
  t.mock.timers.tick(900)
  assert.equal(take(), '')
  t.mock.timers.tick(100)
  assert.match(take(), /^loja-abc\/rdstation +1 accepted +1 waiting .* breaker closed\n$/)
  t.mock.timers.tick(5_000)
  assert.equal(take(), '')
  envelope.removed()
  terminal.stop()
  assert.match(take(), /1 delivered/)
})

test('on a terminal, the lines are drawn over those before, and what is printed stays above them', t => {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] })
  const { journal, terminal, take } = start(true)
  envelopeIn(journal, waiting('a'))
  t.mock.timers.tick(100)
  assert.match(take(), /^loja-abc\/rdstation .*\n$/)
  envelopeIn(journal, waiting('b'))
  t.mock.timers.tick(100)
  assert.ok(take().startsWith(`\x1b[1A\x1b[0J${DESTINATION}`))
  terminal.print('the page is at http://127.0.0.1:8788')
  assert.ok(take().startsWith(`\x1b[1A\x1b[0Jthe page is at http://127.0.0.1:8788\n${DESTINATION}`))
  terminal.stop()
  envelopeIn(journal, waiting('c'))
  t.mock.timers.tick(1_000)
  assert.equal(take(), '')
})

test('a narrow terminal gets lines that fit, since a wrapped line could not be drawn over', t => {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] })
  const { journal, terminal, take } = start(true, 40)
  envelopeIn(journal, waiting('a'))
  t.mock.timers.tick(100)
  assert.equal(take().length, 40)
  terminal.stop()
})
