import type { AnyStateMachine } from 'xstate'
import { authorizationCodeMachine } from '../../machines/authorization-code.ts'
import { configEntryMachine } from '../../machines/config-entry.ts'
import { configFlowMachine } from '../../machines/config-flow.ts'
import { deviceCodeMachine } from '../../machines/device-code.ts'
import { optionsFlowMachine } from '../../machines/options-flow.ts'
import { subentryFlowMachine } from '../../machines/subentry-flow.ts'
import { tokenMachine } from '../../machines/token.ts'
import type { LatchkeyEvents } from '../engine/api/events.ts'

/** How the followers of a statechart are shown. */
interface ShownChart {
  readonly chart: AnyStateMachine
  /** What stands before their id. */
  readonly kind: 'flow' | 'entry' | 'sign-in' | 'token'
  /** The kind whose id they have, and beside which they run. */
  readonly beside?: 'flow' | 'entry'
}

/** The statecharts that are shown, by the name that a step tells. */
export const charts: Readonly<Record<LatchkeyEvents['transition']['machine'], ShownChart>> = {
  configFlow: { chart: configFlowMachine, kind: 'flow' },
  optionsFlow: { chart: optionsFlowMachine, kind: 'flow' },
  subentryFlow: { chart: subentryFlowMachine, kind: 'flow' },
  configEntry: { chart: configEntryMachine, kind: 'entry' },
  authorizationCode: { chart: authorizationCodeMachine, kind: 'sign-in', beside: 'flow' },
  deviceCode: { chart: deviceCodeMachine, kind: 'sign-in', beside: 'flow' },
  token: { chart: tokenMachine, kind: 'token', beside: 'entry' },
}
