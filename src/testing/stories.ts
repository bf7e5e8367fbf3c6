import type { ConfigFlowSource } from '../../machines/config-flow-types.ts'
import { configEntryMachine, configFlowMachine } from '../../machines/index.ts'
import { type Story, toStory } from './story.ts'
import { pathsOf, type StoryModel } from './story-graph.ts'
import {
  another,
  connected,
  connection,
  done,
  draft,
  entryFound,
  failures,
  hasErrors,
  held,
  plainEvents,
  results,
  throws,
} from './story-world.ts'

const created = { created: { output: { type: 'created', entryId: 'entry' } } }

/** The config flow of one source, with the events and results that its stories use. */
export function configFlowModel(source: ConfigFlowSource, onAccountMismatch: 'abort' | 'retry'): StoryModel {
  return {
    machine: configFlowMachine,
    input: { flowId: 'story', source, entryId: source === 'user' ? null : 'entry', onAccountMismatch },
    events: ({ context }) => ({
      submit: { type: 'submit', draft, values: {} },
      // A form with errors handles another rejection in the same way.
      ...(!hasErrors({ context }) && {
        reject: { type: 'reject', errors: { [pointerOf(context)]: { code: 'too_small' } }, values: {} },
      }),
      ...plainEvents('back', 'cancel', 'expire', 'expireDraft'),
      // Only a flow with an entry receives these events, and only a reauthentication yields.
      ...(source !== 'user' && plainEvents('entryRemoved', 'entryDisabled', 'entryRepaired')),
      ...(source === 'reauth' && plainEvents('supersede')),
    }),
    outcomes: {
      findEntry: entryFound,
      checkConnection: {
        connected,
        ...(source !== 'user' && { 'another account': another }),
        challenged: { output: { type: 'challenged', challenge: 'otp', draft } },
        ...failures,
        ...throws,
      },
      createEntry: {
        ...created,
        taken: held.taken,
        ...results('unanswered', 'ended'),
        ...throws,
      },
      updateEntry: {
        ...results('updated', 'unanswered', 'outdated', 'changed', 'missing', 'disabled', 'ended'),
        ...throws,
      },
      findSaved: {
        ...(source === 'user' ? created : results('updated')),
        ...results('unsaved', 'ended'),
        ...throws,
      },
      reloadEntry: done,
    },
    sideEvents: ['reject', 'createEntry unanswered', 'updateEntry unanswered'],
    stateKey: ({ value, context }, before) => {
      const { errors, challenge, reason } = context
      // Users retry after an error, and an entry can be written twice. The second time is a different state.
      const again = value === 'checkingConnection' && before !== undefined && hasErrors(before)
      const twice = value === 'updatingEntry' && before?.value === 'updatingEntry'
      return [Object.keys(errors).length > 0, challenge, reason, again || twice]
    },
  }
}

/**
 * Returns all paths of the config flow with one source. With the policy `retry`, only paths with another account.
 *
 * @example
 * ```ts
 * import { configFlowStories } from 'latchkey/testing'
 *
 * for (const { title, ending } of configFlowStories('reauth')) console.log(title, ending.reason)
 * ```
 */
export function configFlowStories(
  source: ConfigFlowSource,
  onAccountMismatch: 'abort' | 'retry' = 'abort',
): readonly Story[] {
  const paths = pathsOf(configFlowModel(source, onAccountMismatch)).filter(
    (path) =>
      onAccountMismatch === 'abort' || path.some(({ invocation }) => invocation.comes === 'another account'),
  )
  return paths.map((path) => toStory({ source, onAccountMismatch }, 'start', path))
}

/**
 * Returns all paths of an entry from `not_loaded`.
 *
 * @example
 * ```ts
 * import { configEntryStories } from 'latchkey/testing'
 *
 * for (const { title, ending } of configEntryStories()) console.log(title, ending.state)
 * ```
 */
export function configEntryStories(): readonly Story[] {
  const failed = (error: string) => ({ output: { type: 'failed', error, wait: 5_000 } })
  const setups = {
    connected,
    'another account': another,
    ...Object.fromEntries([...Object.keys(failures), 'setup_error'].map((error) => [error, failed(error)])),
  }
  const model: StoryModel = {
    machine: configEntryMachine,
    input: { entryId: 'entry', refusalLimit: 3, refusalWindow: 0, disposeTimeout: 10_000 },
    events: () => ({
      ...plainEvents('setup', 'retry', 'authFailed', 'unload', 'forceUnload', 'disable', 'enable'),
      setupRejected: { type: 'setup', retryRejected: true },
      adopt: { type: 'adopt', connection },
      lost: { type: 'lost', wait: 0 },
    }),
    outcomes: {
      migrateEntry: {
        current: { output: { type: 'current' } },
        failed: { output: { type: 'failed', reason: 'migration_error' } },
        ...throws,
      },
      setUpEntry: {
        ...setups,
        ...results('rejected', 'missing', 'disabled', 'outdated', 'refused'),
        ...throws,
      },
      probeEntry: {
        ...setups,
        ...results('rejected', 'missing', 'disabled', 'outdated', 'refused'),
        ...throws,
      },
      restoreOriginal: { ...results('restored', 'proven'), ...throws },
      requireReauth: { ...results('required', 'gone'), ...throws },
      drainConnection: { done: done.done },
      disposeConnection: done,
    },
    stateKey: ({ context }) => context.retryRejected,
    sideEvents: [
      ...['setupRejected', 'retry', 'after livedLong', 'after probeExpiry'],
      ...['after drainTimeout', 'after disposeTimeout'],
    ],
  }
  return pathsOf(model).map((path) => toStory({ source: 'entry', onAccountMismatch: 'abort' }, null, path))
}

const pointerOf = ({ challenge }: { challenge: string | null }): string =>
  challenge === null ? '/token' : '/code'
