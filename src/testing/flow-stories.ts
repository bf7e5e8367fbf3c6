import { configFlowMachine, optionsFlowMachine } from '../../machines/index.ts'
import { type Story, tell } from './story.ts'
import { pathsOf, type StoryModel } from './story-graph.ts'
import {
  another,
  connected,
  done,
  draft,
  entryFound,
  failures,
  hasErrors,
  named,
  results,
  throws,
} from './story-world.ts'

const submit = { type: 'submit', draft, values: {} }
const reject = (pointer: string) => ({
  type: 'reject',
  errors: { [pointer]: { code: 'too_small' } },
  values: {},
})

/** Every path of the flow that changes an entry's options. */
export function optionsFlowStories(): readonly Story<'options'>[] {
  const model: StoryModel = {
    machine: optionsFlowMachine,
    input: { flowId: 'story', source: 'options', entryId: 'entry' },
    events: () => ({
      submit,
      reject: reject('/every'),
      ...named('cancel', 'expire', 'entryRemoved', 'entryDisabled'),
    }),
    outcomes: {
      findEntry: entryFound,
      saveOptions: {
        ...results('saved', 'unchanged', 'outdated', 'missing', 'disabled', 'ended'),
        ...throws,
      },
      reloadEntry: done,
    },
    beside: ['reject'],
    sameness: ({ value, context }, before) => [
      hasErrors({ context }),
      context.reason,
      value === 'savingOptions' && before?.value === 'savingOptions',
    ],
  }
  return pathsOf(model).map((path) => tell({ source: 'options', onAccountMismatch: 'abort' }, 'start', path))
}

/** Every path of the flow that puts another account in the place of an entry's. */
export function replaceStories(): readonly Story<'replace'>[] {
  const model: StoryModel = {
    machine: configFlowMachine,
    input: { flowId: 'story', source: 'replace', entryId: 'entry' },
    events: ({ context }) => ({
      submit,
      ...(!hasErrors({ context }) && { reject: reject(context.challenge === null ? '/token' : '/code') }),
      ...named('replace', 'back', 'cancel', 'expire', 'expireDraft', 'entryRemoved', 'entryDisabled'),
    }),
    outcomes: {
      findEntry: entryFound,
      checkConnection: {
        connected,
        'another account': another,
        challenged: { output: { type: 'challenged', challenge: 'otp', draft } },
        ...failures,
        ...throws,
      },
      updateEntry: {
        ...results('updated', 'outdated', 'changed', 'missing', 'disabled', 'taken', 'ended'),
        ...throws,
      },
      reloadEntry: done,
    },
    beside: ['reject'],
    sameness: ({ value, context }, before) => [
      hasErrors({ context }),
      context.challenge,
      context.reason,
      context.connection !== null,
      // One that was proven a second time is what it was the first time.
      before !== undefined &&
        (value === 'checkingConnection'
          ? hasErrors(before)
          : value === 'updatingEntry' && before.value === value),
    ],
  }
  return pathsOf(model).map((path) => tell({ source: 'replace', onAccountMismatch: 'abort' }, 'start', path))
}

/** Every path of the flow that asks about what was found, or does what is to be done about it. */
export function discoveryStories(): readonly Story<'discovery'>[] {
  const found = { uniqueId: 'me', title: 'Mine', key: 'mdns:1' }
  const moved = (followed: boolean) => ({ output: { type: 'moved', entryId: 'entry', followed } })
  const model: StoryModel = {
    machine: configFlowMachine,
    input: { flowId: 'story', source: 'discovery', entryId: null, found, values: {} },
    events: ({ context }) => ({
      submit,
      ...(!hasErrors({ context }) && { reject: reject(context.challenge === null ? '/token' : '/code') }),
      ...named('back', 'cancel', 'expire', 'expireDraft', 'ignore', 'accountConfigured'),
    }),
    outcomes: {
      findAccount: {
        ...results('free', 'held', 'only'),
        known: { output: { type: 'known', entryId: 'entry' } },
        moved: moved(false),
        'moved, and followed': moved(true),
        ...throws,
      },
      noticeEntry: done,
      proposeAddress: done,
      followAddress: done,
      ignoreAccount: { ...results('taken', 'ended'), created: created, ...throws },
      checkConnection: {
        connected,
        'another account': another,
        challenged: { output: { type: 'challenged', challenge: 'otp', draft } },
        ...results('matched'),
        ...failures,
        ...throws,
      },
      createEntry: { created, ...results('taken', 'only', 'ended'), ...throws },
    },
    beside: ['reject'],
    sameness: ({ value, context }, before) => [
      hasErrors({ context }),
      context.challenge,
      context.reason,
      value === 'checkingConnection' && before !== undefined && hasErrors(before),
    ],
  }
  return pathsOf(model).map((path) =>
    tell({ source: 'discovery', onAccountMismatch: 'abort' }, 'start', path),
  )
}

/** Every path of an import, into an integration that allows one entry. */
export function importStories(): readonly Story<'import'>[] {
  const model: StoryModel = {
    machine: configFlowMachine,
    input: { flowId: 'story', source: 'import', entryId: null, singleInstance: true, draft },
    events: () => named('cancel'),
    outcomes: {
      findAccount: { ...results('free', 'only'), ...throws },
      checkConnection: {
        connected,
        challenged: { output: { type: 'challenged', challenge: 'otp', draft } },
        ...results('matched'),
        ...failures,
        ...throws,
      },
      createEntry: { created, ...results('taken', 'only', 'ended'), ...throws },
    },
    sameness: ({ context }) => context.reason,
  }
  return pathsOf(model).map((path) => tell({ source: 'import', onAccountMismatch: 'abort' }, 'start', path))
}

const created = { output: { type: 'created', entryId: 'entry' } }
