import { configFlowMachine, optionsFlowMachine } from '../../machines/index.ts'
import { type Story, toStory } from './story.ts'
import { pathsOf, type StoryModel } from './story-graph.ts'
import {
  another,
  connected,
  done,
  draft,
  entryFound,
  failures,
  hasErrors,
  held,
  linked,
  plainEvents,
  results,
  throws,
} from './story-world.ts'

const submit = { type: 'submit', draft, values: {} }
const reject = (pointer: string) => ({
  type: 'reject',
  errors: { [pointer]: { code: 'too_small' } },
  values: {},
})

/** Returns all paths of the options flow. */
export function optionsFlowStories(): readonly Story<'options'>[] {
  const model: StoryModel = {
    machine: optionsFlowMachine,
    input: { flowId: 'story', source: 'options', entryId: 'entry' },
    events: () => ({
      submit,
      reject: reject('/every'),
      ...plainEvents('cancel', 'expire', 'entryRemoved', 'entryDisabled'),
    }),
    outcomes: {
      findEntry: entryFound,
      saveOptions: {
        ...results('saved', 'unanswered', 'unchanged', 'outdated', 'missing', 'disabled', 'ended'),
        ...throws,
      },
      findSaved: { ...results('updated', 'unsaved', 'ended'), ...throws },
      reloadEntry: done,
    },
    sideEvents: ['reject', 'saveOptions unanswered'],
    stateKey: ({ value, context }, before) => [
      hasErrors({ context }),
      context.reason,
      value === 'savingOptions' && before?.value === 'savingOptions',
    ],
  }
  return pathsOf(model).map((path) =>
    toStory({ source: 'options', onAccountMismatch: 'abort' }, 'start', path),
  )
}

/** The replacement of an account, with the events and results that its stories use. */
export function replaceModel(): StoryModel {
  return {
    machine: configFlowMachine,
    input: { flowId: 'story', source: 'replace', entryId: 'entry' },
    events: ({ context }) => ({
      submit,
      ...(!hasErrors({ context }) && { reject: reject(context.challenge === null ? '/token' : '/code') }),
      ...plainEvents('replace', 'back', 'cancel', 'expire', 'expireDraft', 'entryRemoved', 'entryDisabled'),
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
    sideEvents: ['reject'],
    stateKey: ({ value, context }, before) => [
      hasErrors({ context }),
      context.challenge,
      context.reason,
      context.connection !== null,
      // A second verification leads to the same state.
      before !== undefined &&
        (value === 'checkingConnection'
          ? hasErrors(before)
          : value === 'updatingEntry' && before.value === value),
    ],
  }
}

/** Returns all paths of a replacement. */
export function replaceStories(): readonly Story<'replace'>[] {
  return pathsOf(replaceModel()).map((path) =>
    toStory({ source: 'replace', onAccountMismatch: 'abort' }, 'start', path),
  )
}

/** A discovery, with the events and results that its stories use. */
export function discoveryModel(): StoryModel {
  const found = { uniqueId: 'me', title: 'Mine', key: 'mdns:1' }
  const moved = (followed: boolean) => ({ output: { type: 'moved', entryId: 'entry', followed } })
  return {
    machine: configFlowMachine,
    input: { flowId: 'story', source: 'discovery', entryId: null, found, values: {} },
    events: ({ context }) => ({
      submit,
      ...(!hasErrors({ context }) && { reject: reject(context.challenge === null ? '/token' : '/code') }),
      ...plainEvents('back', 'cancel', 'expire', 'expireDraft', 'ignore', 'confirm'),
      accountConfigured: { type: 'accountConfigured', entryId: 'entry' },
    }),
    outcomes: {
      findAccount: {
        ...results('free', 'held'),
        only: held.only,
        known: { output: { type: 'known', entryId: 'entry' } },
        returned: { output: { type: 'returned', entryId: 'entry' } },
        moved: moved(false),
        'moved, and followed': moved(true),
        ...throws,
      },
      noticeEntry: done,
      withdrawProposal: done,
      proposeAddress: done,
      keepAddress: done,
      ignoreAccount: { taken: held.taken, ...results('ended'), created: created, ...throws },
      checkConnection: {
        connected,
        'another account': another,
        challenged: { output: { type: 'challenged', challenge: 'otp', draft } },
        matched: held.matched,
        ...failures,
        ...throws,
      },
      createEntry: { created, taken: held.taken, only: held.only, ...results('ended'), ...throws },
    },
    sideEvents: ['reject'],
    stateKey: ({ value, context }, before) => [
      hasErrors({ context }),
      context.challenge,
      context.reason,
      context.connection !== null,
      value === 'checkingConnection' && before !== undefined && hasErrors(before),
    ],
  }
}

/** Returns all paths of a discovery. */
export function discoveryStories(): readonly Story<'discovery'>[] {
  return pathsOf(discoveryModel()).map((path) =>
    toStory({ source: 'discovery', onAccountMismatch: 'abort' }, 'start', path),
  )
}

/** An import, with the events and results that its stories use. */
export function importModel(): StoryModel {
  return {
    machine: configFlowMachine,
    input: { flowId: 'story', source: 'import', entryId: null, singleInstance: true, draft },
    events: () => plainEvents('cancel'),
    outcomes: {
      findAccount: { ...results('free'), only: held.only, ...throws },
      checkConnection: {
        connected,
        challenged: { output: { type: 'challenged', challenge: 'otp', draft } },
        matched: held.matched,
        ...failures,
        ...throws,
      },
      createEntry: { created, taken: held.taken, only: held.only, ...results('ended'), ...throws },
    },
    stateKey: ({ context }) => context.reason,
  }
}

/** Returns all paths of an import, for an integration with `singleInstance`. */
export function importStories(): readonly Story<'import'>[] {
  return pathsOf(importModel()).map((path) =>
    toStory({ source: 'import', onAccountMismatch: 'abort' }, 'start', path),
  )
}

/** A new link of an account whose entry needs a new credential. */
export function repairModel(source: 'user' | 'import'): StoryModel {
  const isUser = source === 'user'
  return {
    machine: configFlowMachine,
    input: { flowId: 'story', source, entryId: null, ...(!isUser && { draft }) },
    events: ({ context, value }) => ({
      // The stories of a user flow and of an import cancel the check.
      ...(isUser && value !== 'checkingConnection' && { submit, ...plainEvents('cancel', 'expire') }),
      // Only the confirmation is about an entry.
      ...(context.entry !== null && plainEvents('confirm', 'expireDraft', 'entryRemoved', 'entryDisabled')),
    }),
    outcomes: {
      checkConnection: { connected },
      createEntry: { linked },
      updateEntry: {
        ...results('updated', 'outdated', 'changed', 'repaired', 'missing', 'disabled', 'ended'),
        ...throws,
      },
      reloadEntry: done,
    },
    stateKey: ({ value, context }, before) => [
      hasErrors({ context }),
      context.reason,
      context.connection !== null,
      // A second verification leads to the same state.
      before !== undefined &&
        (value === 'checkingConnection'
          ? hasErrors(before)
          : value === 'updatingEntry' && before.value === value),
    ],
  }
}

/** Returns all paths of a new link that repairs an entry. */
export function repairStories(): readonly Story<'user' | 'import'>[] {
  return (['user', 'import'] as const).flatMap((source) =>
    pathsOf(repairModel(source)).map((path) =>
      toStory({ source, onAccountMismatch: 'abort' }, 'start', path),
    ),
  )
}

const created = { output: { type: 'created', entryId: 'entry' } }
