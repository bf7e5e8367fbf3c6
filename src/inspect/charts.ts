import type { AnyStateMachine } from 'xstate'
import { authorizationCodeMachine } from '../../machines/authorization-code.ts'
import { configEntryMachine } from '../../machines/config-entry.ts'
import { configFlowMachine } from '../../machines/config-flow.ts'
import { deviceCodeMachine } from '../../machines/device-code.ts'
import { optionsFlowMachine } from '../../machines/options-flow.ts'
import { subentryFlowMachine } from '../../machines/subentry-flow.ts'
import { tokenMachine } from '../../machines/token.ts'
import type { LatchkeyEvents } from '../engine/api/events.ts'

/** The presentation of a statechart's flows, entries or other actors. */
interface ShownChart {
  readonly chart: AnyStateMachine
  /** The prefix of their ids. */
  readonly kind: 'flow' | 'entry' | 'sign-in' | 'token'
  /** The prefix of the actor with the same id next to which they run. */
  readonly parentKind?: 'flow' | 'entry'
}

/** The inspected statecharts, by the machine name in `transition` events. */
export const charts: Readonly<Record<LatchkeyEvents['transition']['machine'], ShownChart>> = {
  configFlow: { chart: configFlowMachine, kind: 'flow' },
  optionsFlow: { chart: optionsFlowMachine, kind: 'flow' },
  subentryFlow: { chart: subentryFlowMachine, kind: 'flow' },
  configEntry: { chart: configEntryMachine, kind: 'entry' },
  authorizationCode: { chart: authorizationCodeMachine, kind: 'sign-in', parentKind: 'flow' },
  deviceCode: { chart: deviceCodeMachine, kind: 'sign-in', parentKind: 'flow' },
  token: { chart: tokenMachine, kind: 'token', parentKind: 'entry' },
}
