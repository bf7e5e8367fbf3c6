import type { FlowMachineName } from '../../view.ts'
import type { AttentionItem } from './entries.ts'

/** A statechart that runs in parallel with that of a flow or an entry. */
export type ParallelMachineName = 'authorizationCode' | 'deviceCode' | 'token'

/** The last answer of an entry's service. */
export interface CheckedEntry {
  readonly entryId: string
  /** Last time at which the service answered this process (ms since the epoch). */
  readonly checkedAt: number
}

/** The events of the engine by type. They contain ids and codes only, and attention items. They never contain a secret. */
export interface LatchkeyEvents {
  flow_started: { scope: string; flowId: string; domain: string; source: string; entryId: string | null }
  flow_progressed: { scope: string; flowId: string; domain: string; step: string; revision: number }
  flow_finished: {
    scope: string
    flowId: string
    domain: string
    source: string
    entryId: string | null
    type: 'create_entry' | 'abort'
    reason: string | null
    success: boolean
  }
  entry_added: { scope: string; entryId: string; domain: string }
  entry_updated: { scope: string; entryId: string; domain: string; revision: number }
  entry_removed: { scope: string; entryId: string; domain: string }
  /** An entry was removed. Scanners should announce the devices with these discovery keys again. */
  rediscover: { scope: string; domain: string; discoveryKeys: readonly string[] }
  entry_state_changed: {
    scope: string
    entryId: string
    domain: string
    from: string
    to: string
    reason: string | null
  }
  /** Calls cannot reach the service of a loaded entry (`quiet`), or reach it again. */
  entry_quiet: { scope: string; entryId: string; domain: string; quiet: boolean }
  /**
   * The services of these entries have answered this process. At most one event per scope and five seconds, and only with
   * entries that were read or listed before.
   */
  entries_checked: { scope: string; entries: readonly CheckedEntry[] }
  /** The entry has a new connection. Subscribe to the service's updates here. */
  entry_loaded: { scope: string; entryId: string; domain: string }
  /** The connection of the entry is about to close. Cancel subscriptions here. */
  entry_unloaded: { scope: string; entryId: string; domain: string }
  /**
   * The attention list may have changed. `entryId` is null if the item concerns all entries of a `domain`: its service
   * refuses the host's application.
   */
  attention_changed:
    | { scope: string; entryId: string; domain?: undefined }
    | { scope: string; entryId: null; domain: string }
  /**
   * The item is new in the attention list, or has another reason than before. Emitted once per process and change, also if
   * another process made the change, but not for items that a process finds at its start.
   */
  attention_added: { scope: string; item: AttentionItem }
  /** The item, as it was last read, is no longer in the attention list. Emitted like `attention_added`. */
  attention_removed: { scope: string; item: AttentionItem }
  /** A webhook was changed, removed or turned off. Its attention item may have changed. */
  webhook_changed: { scope: string; webhookId: string }
  /**
   * Other processes have changed entries and flows, or the attention items of integrations (`domains`). `reset`: any
   * entry and flow of the scope may have changed. Emitted in each process that has a listener or a running entry.
   */
  other_process_changed: {
    scope: string
    entryIds: readonly string[]
    flowIds: readonly string[]
    domains: readonly string[]
    reset: boolean
  }
  /**
   * A state transition of a machine, for inspectors. `id` is the id of the flow or entry. A sign-in has the id of its
   * flow, a token that of its entry.
   */
  transition: {
    scope: string
    machine: FlowMachineName | 'configEntry' | ParallelMachineName
    id: string
    from: string | null
    to: string
    /** The event: `submit`, `done checkConnection`, `error checkConnection`, `after livedLong`. `init` at the start. */
    event: string
    /** The reason for the state: its error codes or its `reason`. Empty if it has no reason. */
    codes: readonly string[]
  }
}

export type LatchkeyEventType = keyof LatchkeyEvents

/** Called with each event. It can be `async`: Latchkey logs a promise that it rejects. */
export type Listener<Type extends LatchkeyEventType> = (event: LatchkeyEvents[Type]) => void
