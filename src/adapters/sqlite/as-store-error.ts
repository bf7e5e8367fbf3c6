import { LatchkeyError, StoreError } from '../../errors.ts'
import { driverCode } from '../node/driver-code.ts'

/** Returns the error of a store for an error of the driver. */
export function asStoreError(error: unknown): unknown {
  if (error instanceof LatchkeyError) return error
  return new StoreError('The database operation failed. Nothing was saved.', { cause: error })
}

/** Returns the error of a store that could not be opened. It names the file and the reason. */
export function asOpenError(path: string, error: unknown): unknown {
  if (error instanceof LatchkeyError) return error
  const reason =
    driverCode(error, 'code') === 'ENOENT' ? 'Its folder does not exist.' : String(Object(error).message)
  return new StoreError(`The database ${path} could not be opened. ${reason}`, { cause: error })
}

/** Throws an error as {@link asStoreError} returns it. */
export function throwStoreError(error: unknown): never {
  throw asStoreError(error)
}
