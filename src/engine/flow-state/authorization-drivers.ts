import { authorizationCodeMachine } from '../../../machines/authorization-code.ts'
import { deviceCodeMachine } from '../../../machines/device-code.ts'
import { Driver } from '../statecharts/driver.ts'

const PROBE = { flowId: '' } as const

/** Moves all sign-ins in a browser. */
export const codeDriver = new Driver(authorizationCodeMachine, PROBE)

/** Moves all sign-ins by a code on another device. */
export const deviceDriver = new Driver(deviceCodeMachine, PROBE)
