import type { EntryRecord, FlowRecord, Store, Write } from '../src/index.ts'
import { host, integration } from './service.ts'

export const SCOPE = 'default'
const AT_ONCE = 1_000
const { domain } = integration

/** An entry of the bench's integration, as the engine writes it with `plainCipher`. */
export function entryRecord(entryId: string, scope = SCOPE): EntryRecord {
  const now = Date.now()
  return {
    scope,
    entryId,
    domain,
    uniqueId: entryId,
    title: 'Hub',
    data: { host },
    sealed: `plain:${JSON.stringify({ token: `${entryId}@0` })}`,
    options: {},
    version: 1,
    revision: 1,
    credentialRevision: 1,
    rejectedRevision: null,
    reauth: null,
    disabled: false,
    migrationError: null,
    createdBy: 'bench',
    createdAt: now,
    updatedAt: now,
  }
}

/** A user flow that waits at its form. */
export function openFlow(flowId: string): FlowRecord {
  const now = Date.now()
  const dueAt = now + 1_800_000
  return {
    scope: SCOPE,
    flowId,
    machine: 'config-flow@1',
    domain,
    source: 'user',
    entryId: null,
    step: 'user',
    context: { entry: null, values: {}, errors: {}, challenge: null, challengeUntil: null },
    open: true,
    edits: false,
    sealedDraft: null,
    revision: 1,
    createdAt: now,
    updatedAt: now,
    expiresAt: dueAt,
    dueAt,
  }
}

/** Fills a store directly, with many records per write. */
export async function fill(
  store: Store,
  count: number,
  scope: string,
  make: (id: string) => Write,
): Promise<void> {
  for (let from = 0; from < count; from += AT_ONCE) {
    const size = Math.min(AT_ONCE, count - from)
    await store.apply(
      scope,
      Array.from({ length: size }, (_, at) => make(`${scope}-${from + at}`)),
    )
  }
}
