import { describe, expect, it } from '@jest/globals'
import { SimulatedClock } from 'xstate'
import { accountIntegration } from '../../../examples/oidc/account.ts'
import { ExampleProvider } from '../../../examples/oidc/provider.ts'
import { Events } from '../../../src/engine/kernel/events.ts'
import { addEntry, asForm, makeHost, openForm } from '../host.ts'
import { comeBack, linkAccount, signedInHost, signIn, startBy } from '../signed-in-host.ts'

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
    expect(host.log.lines).toMatchObject([{ level: 'error', message: 'An event listener threw an error.' }])
    stop()
    stop()
    await addEntry(host, { token: 'two', account: 'bob' })
    expect(told).toEqual(['second'])
  })

  it('describe the steps of a flow, with ids and codes only', async () => {
    const host = await makeHost()
    const told: unknown[] = []
    for (const type of ['flow_started', 'flow_progressed', 'flow_finished'] as const) {
      host.latchkey.on(type, ({ scope, flowId, ...event }) => told.push([type, event]))
    }
    const steps: string[] = []
    host.latchkey.on('transition', ({ machine, from, to, event, codes }) =>
      steps.push(`${machine}: ${from} → ${to} [${event}] ${codes}`),
    )
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
      'configFlow: null → asking.user [init] ',
      'configFlow: asking.user → checkingConnection [submit] ',
      'configFlow: checkingConnection → asking.user [done checkConnection] invalid_auth',
      'configFlow: asking.user → checkingConnection [submit] ',
      'configFlow: checkingConnection → creatingEntry [done checkConnection] ',
      'configEntry: null → not_loaded [init] ',
      'configEntry: not_loaded → loaded.running [adopt] ',
      'configFlow: creatingEntry → create_entry [done createEntry] ',
    ])
  })

  it('describe the steps of a waiting flow, and the states of an entry', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const steps: string[] = []
    host.latchkey.on('transition', ({ from, to, event, codes }) =>
      steps.push(`${from} → ${to} [${event}] ${codes}`),
    )
    const form = await openForm(host.latchkey)
    const { flowId, revision } = form
    await host.latchkey.flows.submit(flowId, { host: '' }, { revision })
    await host.latchkey.flows.cancel(flowId)
    host.service.script('setup_error')
    await host.latchkey.entries.reload(entryId)
    expect(steps).toEqual([
      'null → asking.user [init] ',
      'asking.user → asking.user [reject] too_small,required',
      'asking.user → abort [cancel] cancelled',
      'loaded.running → unload_in_progress.draining [unload] ',
      'unload_in_progress.draining → unload_in_progress.disposing [done drainConnection] ',
      'unload_in_progress.disposing → not_loaded [done disposeConnection] ',
      'not_loaded → migrating [setup] ',
      'migrating → setup_in_progress.connecting [done migrateEntry] ',
      'setup_in_progress.connecting → setup_error [done setUpEntry] setup_error',
    ])
  })

  it('describe the steps of sign-ins and tokens, with the id of their flow or entry', async () => {
    const provider = await ExampleProvider.start()
    const clock = new SimulatedClock()
    clock.set(Date.now())
    const host = await signedInHost(provider, { clock })
    const steps: string[] = []
    host.latchkey.on('transition', ({ machine, id, from, to, event, codes }) => {
      if (['authorizationCode', 'deviceCode', 'token'].includes(machine))
        steps.push(`${machine} ${id}: ${from} → ${to} [${event}] ${codes}`)
    })
    const entryId = await linkAccount(host, 'alice')
    // The provider's clock is not simulated.
    clock.set(Date.now() + 1_000)
    await host.latchkey.entries.use(accountIntegration(provider.issuer), entryId, (client) =>
      client.profile(),
    )
    const renewed = steps.filter((step) => step.startsWith('token')).slice(0, 5)
    const { flowId } = await startBy(host, 'device')
    await host.latchkey.flows.poll(flowId)
    const late = await startBy(host, 'browser')
    const begun = await signIn(host, late, 'alice')
    clock.increment(600_000)
    await comeBack(host, begun)
    await provider.stop()
    const code = `authorizationCode ${late.flowId}`
    expect(renewed).toEqual([
      `token ${entryId}: null → fresh [init] `,
      `token ${entryId}: fresh → refreshing.claimingLease [due] `,
      `token ${entryId}: refreshing.claimingLease → refreshing.askingService [done claimLease] `,
      `token ${entryId}: refreshing.askingService → refreshing.savingToken [done refreshToken] `,
      `token ${entryId}: refreshing.savingToken → fresh [done saveToken] `,
    ])
    const later = steps.filter((step) => step.includes(flowId) || step.startsWith(code))
    expect(later).toEqual([
      `deviceCode ${flowId}: null → claimingPoll [init] `,
      `deviceCode ${flowId}: claimingPoll → requestingCode [done claimPoll] `,
      `deviceCode ${flowId}: requestingCode → showing_code [done requestCode] `,
      `${code}: null → beginningAuthorization [init] `,
      `${code}: beginningAuthorization → redirected [done beginAuthorization] `,
      `${code}: redirected → expired [callback] authorize_expired`,
    ])
    expect(steps).toContainEqual(expect.stringContaining('redirected → exchangingCode [callback]'))
    expect(steps).toContainEqual(expect.stringContaining('exchangingCode → authorized [done exchangeCode]'))
  })
})

describe('an async listener', () => {
  it('that rejects is logged, and the other listeners run', async () => {
    const host = await makeHost()
    const called: string[] = []
    host.latchkey.on('entry_added', async () => {
      await Promise.resolve()
      throw new Error('mine')
    })
    host.latchkey.on('entry_added', () => called.push('second'))
    await addEntry(host)
    await new Promise((resolve) => setImmediate(resolve))
    expect(called).toEqual(['second'])
    expect(host.log.lines).toMatchObject([{ level: 'error', message: 'An event listener threw an error.' }])
  })
})

describe('Events.step', () => {
  it('logs the errors of actions, with the id of the machine', () => {
    const lines: unknown[] = []
    const log = {
      info: () => {},
      warn: () => {},
      error: (fields: object, message: string) => lines.push({ message, ...fields }),
    }
    const snapshot = { value: 'loaded', context: { reason: null } }
    const step = { event: 'setup', snapshot, before: null, failures: [new TypeError('closed')] }
    new Events(log).step({ scope: 'home', machine: 'configEntry', id: 'e1' }, step)
    expect(lines).toMatchObject([{ message: 'An action of a statechart failed.', scope: 'home', id: 'e1' }])
  })
})
