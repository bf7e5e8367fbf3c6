import { StoreError } from '../../errors.ts'
import type { Json } from '../../ports/json.ts'
import { jsonEqual } from '../lib/json.ts'
import type { Core } from './core.ts'

/** Whether a write failed because its answer was lost: it may have been made. */
export const isLostAnswer = (error: unknown): boolean =>
  error instanceof StoreError && error.outcome === 'unknown'

/**
 * Whether a write whose answer was lost was made. `look` reads whether it is stored. False if it is not stored, or if that
 * is not known either.
 */
export async function wasWritten(error: unknown, look: () => Promise<boolean>): Promise<boolean> {
  if (!isLostAnswer(error)) return false
  try {
    return await look()
  } catch {
    return false
  }
}

/** Returns the error of a call after a lost answer that could not be resolved. `cause` is the error that prevented it. */
export const afterLostAnswer = (cause: unknown): StoreError =>
  new StoreError(LOST, { cause, outcome: 'unknown' })

const LOST = 'The store did not answer. It may have saved the change. Read it again.'

/** Whether a stored record has the content that was written. */
export const isStoredAs = (stored: object | undefined, written: object): boolean =>
  stored !== undefined && jsonEqual(asJson(stored), asJson(written))

const asJson = (record: object): Json => JSON.parse(JSON.stringify(record))

/** The entry and the flow that a write was about, if any. */
interface Lost {
  readonly scope: string
  readonly entryId: string | null
  readonly flowId?: string
}

/** Emits the changes of a write whose answer was lost: they are read again, like those of another process. */
export function announceLost({ events }: Pick<Core, 'events'>, { scope, entryId, flowId }: Lost): void {
  const entryIds = entryId === null ? [] : [entryId]
  const flowIds = flowId === undefined ? [] : [flowId]
  events.emit('other_process_changed', { scope, entryIds, flowIds, domains: [], reset: false })
}
