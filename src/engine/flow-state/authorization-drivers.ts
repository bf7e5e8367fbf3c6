import { authorizationCodeMachine } from '../../../machines/authorization-code.ts'
import { deviceCodeMachine } from '../../../machines/device-code.ts'
import { Driver } from '../statecharts/driver.ts'

const PROBE = { flowId: '' } as const

/** The driver of all sign-ins in the browser. */
export const codeDriver = new Driver(authorizationCodeMachine, PROBE)

/** The driver of all sign-ins with a code on another device. */
export const deviceDriver = new Driver(deviceCodeMachine, PROBE)
