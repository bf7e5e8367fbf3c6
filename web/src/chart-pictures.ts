import type { ClientState } from '../../src/client/client-state.ts'
import type { View } from '../../src/client/index.ts'

/** Loads a picture. */
export type Loader = () => Promise<{ readonly default: string }>

/** The whole picture of each machine, which loads on demand. */
const whole = {
  configFlow: () => import('../../machines/config-flow.svg?raw'),
  optionsFlow: () => import('../../machines/options-flow.svg?raw'),
  subentryFlow: () => import('../../machines/subentry-flow.svg?raw'),
  configEntry: () => import('../../machines/config-entry.svg?raw'),
  authorizationCode: () => import('../../machines/authorization-code.svg?raw'),
  deviceCode: () => import('../../machines/device-code.svg?raw'),
  token: () => import('../../machines/token.svg?raw'),
} satisfies Readonly<Record<string, Loader>>

/** The part of the config flow for each source. */
const bySource: Readonly<Partial<Record<View['source'], Loader>>> = {
  user: () => import('./charts/user.svg?raw'),
  reauth: () => import('./charts/reauth.svg?raw'),
  reconfigure: () => import('./charts/reconfigure.svg?raw'),
  replace: () => import('./charts/replace.svg?raw'),
  discovery: () => import('./charts/discovery.svg?raw'),
  import: () => import('./charts/import.svg?raw'),
}

const entryStory: Loader = () => import('./charts/entry.svg?raw')

/** A machine that has a picture. */
export type ChartedMachine =
  | keyof typeof whole
  | NonNullable<ReturnType<ClientState['parallel']['get']>>['machine']

/** The pictures of something that runs: the part that is about it, and the whole. */
export interface Pictures {
  readonly story: Loader
  readonly whole: Loader
}

/** The pictures of a machine; of a flow's, those of its source. */
export function picturesOf(machine: ChartedMachine, source?: View['source']): Pictures {
  const all = whole[machine]
  if (machine === 'configEntry') return { story: entryStory, whole: all }
  const part = machine === 'configFlow' && source !== undefined ? bySource[source] : undefined
  return { story: part ?? all, whole: all }
}

/** Several pictures are in one page: their ids would not be unique. */
export const withoutIds = (picture: string): string => picture.replaceAll(' id="', ' data-id="')
