import { LatchkeyError, StoreError } from '../../errors.ts'

/** Returns the error of a store for an error of the driver. */
export function asStoreError(error: unknown): unknown {
  if (error instanceof LatchkeyError) return error
  return new StoreError('The database operation failed. Nothing was saved.', { cause: error })
}

/** Throws an error as {@link asStoreError} returns it. */
export function throwStoreError(error: unknown): never {
  throw asStoreError(error)
}
