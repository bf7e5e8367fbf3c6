import { describe, expect, it } from '@jest/globals'
import { addEntry, asForm, makeHost, openForm } from './host.ts'

describe('on', () => {
  it('logs a listener that throws, and tells the others', async () => {
    const host = await makeHost()
    const told: string[] = []
    host.latchkey.on('entry_added', () => {
      throw new Error('mine')
    })
    const stop = host.latchkey.on('entry_added', () => told.push('second'))
    await addEntry(host)
    expect(told).toEqual(['second'])
    expect(host.log.lines).toMatchObject([{ level: 'error', message: 'A listener threw.' }])
    stop()
    stop()
    await addEntry(host, { token: 'two', account: 'bob' })
    expect(told).toEqual(['second'])
  })

  it('tells the story of a flow, with ids and codes alone', async () => {
    const host = await makeHost()
    const told: unknown[] = []
    for (const type of ['flow_started', 'flow_progressed', 'flow_finished'] as const) {
      host.latchkey.on(type, ({ scope, flowId, ...event }) => told.push([type, event]))
    }
    const steps: string[] = []
    host.latchkey.on('transition', ({ machine, from, to }) => steps.push(`${machine}: ${from} → ${to}`))
    const form = await openForm(host.latchkey)
    const input = { host: 'h', token: 'bad' }
    const next = asForm(await host.latchkey.flows.submit(form.flowId, input, { revision: form.revision }))
    host.service.accounts.set('good', 'ann')
    const good = { host: 'h', token: 'good' }
    const end = await host.latchkey.flows.submit(form.flowId, good, { revision: next.revision })
    expect(told).toEqual([
      ['flow_started', { domain: 'scripted', source: 'user', entryId: null }],
      ['flow_progressed', { domain: 'scripted', step: 'user', revision: 2 }],
      [
        'flow_finished',
        {
          domain: 'scripted',
          source: 'user',
          entryId: end.entryId,
          type: 'create_entry',
          reason: null,
          success: true,
        },
      ],
    ])
    expect(steps).toEqual([
      'configFlow: null → asking.user',
      'configFlow: asking.user → checkingConnection',
      'configFlow: checkingConnection → asking.user',
      'configFlow: asking.user → checkingConnection',
      'configFlow: checkingConnection → creatingEntry',
      'configEntry: null → not_loaded',
      'configEntry: not_loaded → loaded.running',
      'configFlow: creatingEntry → create_entry',
    ])
  })
})
