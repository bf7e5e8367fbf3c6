import { describe, expect, it } from '@jest/globals'
import { type AnyStateMachine, createActor, fromPromise, toPromise } from 'xstate'
import { isDifferentAccount } from '../../machines/account-match.ts'
import { authorizationCodeMachine } from '../../machines/authorization-code.ts'
import type { CheckResult } from '../../machines/check-result.ts'
import { commitInputOf, draftOf, foundOf, namedOf, subentryOf } from '../../machines/commit-input.ts'
import { configEntryMachine } from '../../machines/config-entry.ts'
import { configFlowMachine } from '../../machines/config-flow.ts'
import { deviceCodeMachine } from '../../machines/device-code.ts'
import { Connection, Draft } from '../../machines/draft.ts'
import { effect } from '../../machines/effect.ts'
import type { FindEntryResult } from '../../machines/flow-result.ts'
import { tokenMachine } from '../../machines/token.ts'

const context = createActor(configFlowMachine, { input: { flowId: 'f', source: 'user', entryId: null } })
  .start()
  .getSnapshot().context

/** The changes of an action with these params. */
function changes(machine: AnyStateMachine, action: string, handed: unknown): unknown {
  const word: unknown = machine.implementations.actions[action as never]
  if (typeof word !== 'function' || !('assignment' in word)) throw new Error(`${action} assigns nothing.`)
  const given = { context: { code: null, ...context } }
  return (word.assignment as (given: object, params: unknown) => unknown)(given, handed)
}

describe('the words of configFlowMachine', () => {
  it.each([
    ['rememberEntry', { type: 'missing' }],
    ['rememberKnown', { type: 'free' }],
    ['showFailure', { type: 'challenged' }],
    ['rememberChallenge', { type: 'failed' }],
    ['rememberConnection', { type: 'failed' }],
    ['rememberCreated', { type: 'taken' }],
    ['rememberLinked', { type: 'ended' }],
    ['rememberFailure', { type: 'running' }],
    ['rememberRestored', { type: 'changed' }],
    ['rememberChoices', { type: 'missing' }],
    ['takeSettled', { type: 'failed' }],
    ['rememberSubentry', { type: 'missing' }],
    ['showRefusal', { type: 'missing' }],
    ['rememberName', { type: 'missing' }],
    ['rememberSaved', { type: 'unchanged' }],
    ['rememberRefused', { type: 'failed' }],
    ['endAborted', { type: 'failed' }],
    ['rememberSaved', { type: 'saved', subentryId: 's' }],
  ])('change nothing if %s receives another result', (action, result) => {
    expect(changes(configFlowMachine, action, result)).toEqual({})
  })

  it('pass nothing to a commit before a connection is verified', () => {
    expect(() => commitInputOf(context)).toThrow('The flow has no verified connection to save.')
    const draft = new Draft({ values: {} })
    expect(() => commitInputOf({ ...context, draft })).toThrow('The flow has no verified connection to save.')
  })

  it('save nothing before something is submitted', () => {
    expect(() => draftOf(context)).toThrow('The flow has no submitted input to save.')
    expect(() => namedOf(context)).toThrow('The sub-entry has not been checked.')
    expect(() => subentryOf(context)).toThrow('The flow is about an entry, not about a sub-entry.')
  })

  it('ignore nothing before something is found', () => {
    expect(() => foundOf(context)).toThrow('The flow has no discovered account to ignore.')
  })

  it('treat no account as another before one is verified', () => {
    expect(isDifferentAccount(context, { type: 'failed', error: 'timeout' })).toBe(false)
  })

  it('end an import with the error of its check', () => {
    const failed = { type: 'failed', error: 'timeout' }
    expect(changes(configFlowMachine, 'endUnattended', failed)).toMatchObject({ reason: 'timeout' })
  })

  it.each([
    ['reauth', 'wrong_account'],
    ['replace', 'cancelled'],
  ] as const)(
    'close and revoke nothing by themselves: the engine provides that (%s)',
    async (source, reason) => {
      const machine = configFlowMachine.provide({
        actors: {
          findEntry: fromPromise(
            async (): Promise<FindEntryResult> => ({
              type: 'found',
              entry: { uniqueId: 'me', credentialRevision: 1, title: 'Mine', values: {} },
            }),
          ),
          checkConnection: fromPromise(
            async (): Promise<CheckResult> => ({
              type: 'connected',
              uniqueId: 'you',
              connection: new Connection('open'),
            }),
          ),
        },
      })
      const flow = createActor(machine, { input: { flowId: 'f', source, entryId: 'e' } }).start()
      await new Promise<void>((resolve) => flow.subscribe((at) => at.hasTag('asking') && resolve()))
      const ended = toPromise(flow)
      flow.send({ type: 'submit', draft: new Draft({ values: {} }), values: {} })
      flow.subscribe((at) => at.matches({ asking: 'replace_confirm' }) && flow.send({ type: 'cancel' }))
      expect(await ended).toEqual({ type: 'abort', reason, entryId: 'e', success: false })
    },
  )
})

describe('the words of configEntryMachine', () => {
  it.each([
    ['holdConnection', { type: 'failed', error: 'timeout' }],
    ['explainFailure', { type: 'connected' }],
  ])('change nothing if %s receives another result', (action, result) => {
    expect(changes(configEntryMachine, action, result)).toEqual({})
  })

  it('let nothing go by themselves', () => {
    const entry = createActor(configEntryMachine, {
      input: { entryId: 'e', refusalLimit: 3, refusalWindow: 0, disposeTimeout: 1 },
    }).start()
    for (const name of ['old', 'new']) entry.send({ type: 'adopt', connection: new Connection(name) })
    expect(entry.getSnapshot().context.connection?.reveal()).toBe('new')
    entry.send({ type: 'unload' })
    expect(entry.getSnapshot().value).toEqual({ unload_in_progress: 'draining' })
  })
})

describe('the words of the charts that ask for access', () => {
  it.each<[AnyStateMachine, string, object]>([
    [authorizationCodeMachine, 'rememberRequest', { type: 'failed', error: 'timeout' }],
    [authorizationCodeMachine, 'rememberGrant', { type: 'rejected' }],
    [authorizationCodeMachine, 'explain', { type: 'granted' }],
    [deviceCodeMachine, 'showCode', { type: 'failed', error: 'timeout' }],
    [deviceCodeMachine, 'rememberGrant', { type: 'pending' }],
    [deviceCodeMachine, 'explain', { type: 'pending' }],
    [configFlowMachine, 'endAborted', { type: 'matched', entryId: 'e' }],
    [configFlowMachine, 'rememberRefused', { type: 'matched', entryId: 'e' }],
    [deviceCodeMachine, 'slowDown', {}],
    [tokenMachine, 'holdDraft', { type: 'claimed' }],
    [tokenMachine, 'explainFailure', { type: 'refused' }],
  ])('change nothing in %# if %s receives another result', (machine, action, result) => {
    expect(changes(machine, action, result)).toEqual({})
  })
})

describe('effect', () => {
  it('fails and logs its name if the actor was not provided', async () => {
    const logged: unknown[] = []
    const actor = createActor(effect('checkConnection'), { input: {}, logger: (line) => logged.push(line) })
    const failed = toPromise(actor)
    actor.start()
    const message = 'The actor checkConnection was not provided. Provide it with machine.provide({ actors }).'
    await expect(failed).rejects.toThrow(message)
    expect(logged).toEqual([message])
  })
})
