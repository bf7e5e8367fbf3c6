import type { Change } from '../../src/client/client-state.ts'
import type { AttentionItem, EntryView, View } from '../../src/client/index.ts'

/** A form, as a server sends it. */
export const form = (flowId: string, revision: number): View => ({
  type: 'form',
  flowId,
  revision,
  domain: 'my_hub',
  machine: 'configFlow',
  source: 'reauth',
  entryId: 'e1',
  step: 'reauth_confirm',
  schema: {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: { password: { type: 'string', title: 'Password', format: 'password', writeOnly: true } },
    required: ['password'],
    additionalProperties: false,
  },
  order: ['password'],
  values: {},
  errors: {},
  placeholders: { name: 'Hub' },
  title: 'Reconnect Hub',
  language: 'en',
  submit: 'Save',
  lastStep: true,
  mayGoBack: false,
  expiresAt: null,
})

/** The result of a reauthentication. */
export const repaired = (flowId: string, revision: number): View => ({
  type: 'abort',
  flowId,
  revision,
  domain: 'my_hub',
  source: 'reauth',
  entryId: 'e1',
  machine: 'configFlow',
  title: 'Reconnect Hub',
  language: 'en',
  placeholders: { name: 'Hub' },
  reason: 'reauth_successful',
  text: 'Hub is connected again.',
  success: true,
})

/** A loaded entry. */
export const entry = (entryId: string, more: Partial<EntryView> = {}): EntryView => ({
  scope: 'default',
  entryId,
  domain: 'my_hub',
  uniqueId: 'account-1',
  title: 'Hub',
  subentries: [],
  state: 'loaded',
  ignored: false,
  options: {},
  text: 'Connected',
  language: 'en',
  reason: null,
  reauth: null,
  disabled: false,
  linkGeneration: 0,
  expiresAt: null,
  revision: 1,
  createdAt: 0,
  updatedAt: 0,
  ...more,
})

/** The first message of a stream. */
export const snapshot = (more: Partial<Snapshot> = {}): Snapshot => ({
  counts: { all: 1, attention: 0, offline: 0, connected: 1, disabled: 0 },
  ignored: [],
  flows: [],
  attention: [],
  ...more,
})

type Snapshot = Extract<Change, { type: 'snapshot' }>['data']

/** An attention item. */
export const need = (entryId: string, flowId: string | null = null): AttentionItem => ({
  scope: 'default',
  entryId,
  domain: 'my_hub',
  title: 'Hub',
  reason: 'invalid_auth',
  since: 0,
  flowId,
  text: 'Hub no longer accepts the saved sign-in.',
  language: 'en',
})
