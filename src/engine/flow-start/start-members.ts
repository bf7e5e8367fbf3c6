import type { ConfigFlowSource } from '../../../machines/config-flow-types.ts'
import { InvalidInputError } from '../../errors.ts'
import type { StartRequest } from '../api/flows.ts'

/** The members of a request that each source uses. */
const used: Readonly<Record<ConfigFlowSource, readonly string[]>> = {
  user: ['domain'],
  discovery: ['domain', 'discovery'],
  import: ['domain', 'input', 'options', 'subentries'],
  reauth: ['domain', 'entryId'],
  reconfigure: ['domain', 'entryId'],
  replace: ['domain', 'entryId', 'from'],
  options: ['domain', 'entryId'],
  subentry: ['domain', 'entryId', 'type', 'subentryId'],
}

/** @throws InvalidInputError if the request has a member that its source would ignore */
export function assertUsed(source: ConfigFlowSource, request: StartRequest): void {
  const ignored = Object.entries(request)
    .filter(([name, value]) => value !== undefined && name !== 'source' && !used[source].includes(name))
    .map(([name]) => name)
  if (ignored.length === 0) return
  throw new InvalidInputError(
    `The source "${source}" does not use ${ignored.map((name) => `"${name}"`).join(', ')}. Use only ${used[source].join(', ')}.`,
    ignored.map((name) => `/${name}`),
  )
}
