import type { ConfigFlowEvent } from '../../../machines/config-flow-events.ts'

/** Events of a waiting flow that are not an answer of the user. */
export type OutsideEvent = Exclude<
  ConfigFlowEvent,
  {
    type:
      | 'submit'
      | 'reject'
      | 'pick'
      | 'retry'
      | 'replace'
      | 'confirm'
      | 'authorized'
      | 'refused'
      | 'accountConfigured'
      | 'leaseLost'
  }
>['type']

/** The event of a discovery after its account got an entry. */
export type Configured = Extract<ConfigFlowEvent, { type: 'accountConfigured' }>

/** The event that selects a method. */
export type PickEvent = Extract<ConfigFlowEvent, { type: 'pick' }>

/** The event after a refused sign-in. */
export type Refusal = Extract<ConfigFlowEvent, { type: 'refused' }>
