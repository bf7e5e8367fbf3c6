import type { FlowMachineName } from '../../view.ts'

/** A statechart that runs beside that of a flow, or of an entry. */
export type ParallelMachineName = 'authorizationCode' | 'deviceCode' | 'token'

/** What hosts may listen to. Every event carries ids and codes alone. */
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
  /** An entry is gone: what finds devices is to announce what it knows by these keys again. */
  rediscover: { scope: string; domain: string; discoveryKeys: readonly string[] }
  entry_state_changed: {
    scope: string
    entryId: string
    domain: string
    from: string
    to: string
    reason: string | null
  }
  /** The entry runs, on a connection that is new: subscribe to what it offers. */
  entry_loaded: { scope: string; entryId: string; domain: string }
  /** Its connection goes away: let go of what was subscribed. */
  entry_unloaded: { scope: string; entryId: string; domain: string }
  /** The list of entries that need a person may have changed. */
  attention_changed: { scope: string; entryId: string }
  /**
   * A machine took a step: what an inspector draws. `id` is the flow's or the entry's, for as long as it lives; a sign-in has
   * that of its flow, a token that of its entry.
   */
  transition: {
    scope: string
    machine: FlowMachineName | 'configEntry' | ParallelMachineName
    id: string
    from: string | null
    to: string
    /** The type of what moved it: `submit`, `done checkConnection`, `error checkConnection`; `init` at its start. */
    event: string
    /** Why it stands there: the errors of the form that it shows, its reason, or none. */
    codes: readonly string[]
  }
}

export type LatchkeyEventType = keyof LatchkeyEvents

export type Listener<Type extends LatchkeyEventType> = (event: LatchkeyEvents[Type]) => void
