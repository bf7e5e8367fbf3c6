import { PeerMissingError } from './errors.ts'

/**
 * Imports a module that needs an optional package.
 *
 * @throws PeerMissingError if the package is not installed
 */
export async function peer<Module>(load: () => Promise<Module>): Promise<Module> {
  try {
    return await load()
  } catch (error) {
    const missing = missingPackage(error)
    throw missing === undefined ? error : new PeerMissingError(missing)
  }
}

/** Returns the package that an import did not find, or `undefined` for other errors. */
function missingPackage(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || error.code !== 'ERR_MODULE_NOT_FOUND')
    return undefined
  return /^Cannot find package '((?:@[^/']+\/)?[^/']+)/.exec(error.message)?.[1]
}
