import type { LatchkeyEventType } from '../engine/api/events.ts'

const EVENTS: { readonly [Type in LatchkeyEventType]: true } = {
  flow_started: true,
  flow_progressed: true,
  flow_finished: true,
  transition: true,
  entry_added: true,
  entry_updated: true,
  entry_removed: true,
  entry_state_changed: true,
  entry_loaded: true,
  entry_unloaded: true,
  attention_changed: true,
  attention_added: true,
  attention_removed: true,
  rediscover: true,
  entry_quiet: true,
  entries_checked: true,
  webhook_changed: true,
  other_process_changed: true,
}

/** All event types. */
export const eventTypes = Object.keys(EVENTS) as readonly LatchkeyEventType[]
