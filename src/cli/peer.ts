import { PeerMissingError } from './errors.ts'

/**
 * Imports what needs an optional package.
 * @throws PeerMissingError where it is not installed
 */
export async function peer<Module>(load: () => Promise<Module>): Promise<Module> {
  try {
    return await load()
  } catch (error) {
    const missing = missingPackage(error)
    throw missing === undefined ? error : new PeerMissingError(missing)
  }
}

/** The package that an import did not find; undefined where the error is another. */
function missingPackage(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || error.code !== 'ERR_MODULE_NOT_FOUND')
    return undefined
  return /^Cannot find package '((?:@[^/']+\/)?[^/']+)/.exec(error.message)?.[1]
}
