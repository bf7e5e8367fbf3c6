import { configFlowMachine, optionsFlowMachine, subentryFlowMachine } from '../../machines/index.ts'
import { type Story, toStory } from './story.ts'
import { pathsOf, type StoryModel } from './story-graph.ts'
import {
  another,
  connected,
  done,
  draft,
  entryFound,
  hasErrors,
  plainEvents,
  results,
  throws,
} from './story-world.ts'

/** The flow of a story about choices that the service provides. */
export type ChoicesAbout = 'options' | 'subentry'

const pages = ['found_form', 'form']
const later = ['form', 'found_form']
const named = { title: 'Hall', uniqueId: 'hall' }
const unlisted = (error: string) => ({ output: { type: 'failed', error, unlisted: ['calendar'] } })

const flows = {
  options: {
    machine: optionsFlowMachine,
    input: { entryPages: { options: pages } },
    outcomes: {
      findEntry: { found: entryFound.found },
      saveOptions: { saved: { output: { type: 'saved' } }, ...throws },
    },
    second: '/every',
  },
  subentry: {
    machine: subentryFlowMachine,
    input: { subentry: { type: 'room', subentryId: null }, entryPages: { 'subentry room new': pages } },
    outcomes: {
      findSubentry: {
        found: {
          output: {
            ...entryFound.found.output,
            subentry: { type: 'room', subentryId: null, revision: null },
          },
        },
      },
      checkSubentry: { named: { output: { type: 'named', named } } },
      saveSubentry: { saved: { output: { type: 'saved', subentryId: 'room' } }, ...throws },
    },
    second: '/name',
  },
} as const

/** Returns all paths of a form with choices of the service on its first page, and a second page. */
export function choiceStories(source: ChoicesAbout): readonly Story<ChoicesAbout>[] {
  const { machine, input, outcomes, second } = flows[source]
  const errors = [{ '/calendar': { code: 'invalid_value' } }, { [second]: { code: 'too_small' } }]
  const model: StoryModel = {
    machine,
    input: { flowId: 'story', source, entryId: 'entry', ...input },
    events: ({ context }) => ({
      submit: { type: 'submit', draft, values: {} },
      ...(!hasErrors({ context }) && {
        reject: { type: 'reject', errors: errors[context.page], values: {} },
      }),
      ...plainEvents('retry', 'back', 'cancel', 'expire', 'expireDraft', 'entryRemoved', 'entryDisabled'),
    }),
    outcomes: {
      ...outcomes,
      findChoices: {
        listed: { output: { type: 'found', choices: { calendar: [] } } },
        cannot_connect: unlisted('cannot_connect'),
        entry_not_loaded: unlisted('entry_not_loaded'),
        no_api: { output: { type: 'aborted', reason: 'no_api' } },
      },
      reloadEntry: { done: done.done },
    },
    sideEvents: ['reject'],
    stateKey: ({ context }) => [
      context.page,
      hasErrors({ context }),
      context.reason,
      Object.keys(context.choices).length,
    ],
  }
  const about = { source, onAccountMismatch: 'abort' } as const
  return pathsOf(model).map((path) => toStory(about, 'start', path))
}

/** The flow of a story about choices that the service provides for a field of the entry. */
export type EntryChoicesAbout = 'user' | 'reauth' | 'reconfigure' | 'replace'

/** Returns all paths of a form whose second page has choices that follow from the first page. */
export function entryChoiceStories(source: EntryChoicesAbout): readonly Story<EntryChoicesAbout>[] {
  const isNew = source === 'user'
  const second = [{ '/host': { code: 'invalid_value' } }, { '/code': { code: 'too_small' } }]
  const aborted = { output: { type: 'aborted', reason: 'no_api' } }
  const model: StoryModel = {
    machine: configFlowMachine,
    input: {
      ...{ flowId: 'story', source, entryId: isNew ? null : 'entry' },
      ...(isNew ? { methods: { '': later } } : { entryPages: { [`${source} `]: later } }),
    },
    events: ({ context }) => ({
      submit: { type: 'submit', draft, values: {} },
      ...(!hasErrors({ context }) && {
        reject: {
          type: 'reject',
          errors:
            context.page === 0
              ? { '/token': { code: 'too_small' } }
              : second[context.challenge === null ? 0 : 1],
          values: {},
        },
      }),
      ...plainEvents('back', 'cancel', 'expire', 'expireDraft'),
      ...(!isNew && plainEvents('replace', 'entryRemoved', 'entryDisabled')),
    }),
    outcomes: {
      findEntry: { found: entryFound.found },
      findChoices: {
        listed: { output: { type: 'found', choices: { host: [] } } },
        cannot_connect: { output: { type: 'failed', error: 'cannot_connect', unlisted: ['host'] } },
        invalid_auth: { output: { type: 'failed', error: 'invalid_auth', unlisted: ['host'] } },
        no_api: aborted,
      },
      checkConnection: {
        connected,
        ...(!isNew && { 'another account': another }),
        cannot_connect: { output: { type: 'failed', error: 'cannot_connect' } },
        challenged: { output: { type: 'challenged', challenge: 'otp', draft } },
        no_api: aborted,
        ...results('wrong_account'),
      },
      createEntry: { created: { output: { type: 'created', entryId: 'entry' } }, ...throws },
      updateEntry: { ...results('updated'), ...throws },
      reloadEntry: { done: done.done },
    },
    sideEvents: ['reject'],
    stateKey: ({ context }) => [
      context.page,
      context.challenge,
      hasErrors({ context }),
      context.reason,
      context.connection !== null,
    ],
  }
  const about = { source, onAccountMismatch: 'abort' } as const
  return pathsOf(model).map((path) => toStory(about, 'start', path))
}
