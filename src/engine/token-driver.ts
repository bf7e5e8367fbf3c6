import { tokenMachine } from '../../machines/token.ts'
import { Driver } from './driver.ts'

export type TokenDriver = Driver<typeof tokenMachine>

let driver: TokenDriver | null = null

/** The one driver of all tokens. */
export function tokenDriver(): TokenDriver {
  if (driver !== null) return driver
  const made = new Driver(tokenMachine, { entryId: '' })
  made.assertDrivable({ entryId: '' }, { type: 'refused' })
  driver = made
  return driver
}
