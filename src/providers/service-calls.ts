import { assertUnlimited } from '../authoring/rate-limit.ts'
import { AddressRefusedError, CannotConnectError, InvalidAuthError, SetupError } from '../errors.ts'
import type { Reach } from '../ports/authorizer.ts'
import type { Json } from '../ports/json.ts'
import type { ServiceRequest } from './service-data.ts'

/**
 * Sends a request to the API of a service, and returns the JSON of its answer; null without one.
 *
 * @throws CannotConnectError, InvalidAuthError, RateLimitedError, SetupError
 */
export async function callService(
  { url, method, authorization, headers, json, form }: ServiceRequest,
  { fetch, signal }: Pick<Reach, 'fetch' | 'signal'>,
): Promise<Json> {
  const body = json === undefined ? form && new URLSearchParams(form).toString() : JSON.stringify(json)
  const type = json === undefined ? 'application/x-www-form-urlencoded' : 'application/json'
  const response = await fetch(url, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      accept: 'application/json',
      ...(authorization !== undefined && { authorization }),
      ...(body !== undefined && { 'content-type': type }),
      ...headers,
    },
    ...(body !== undefined && { body }),
    signal,
  }).catch((error: unknown) => {
    throw signal.aborted || error instanceof AddressRefusedError ? error : new CannotConnectError()
  })
  await assertUnlimited(response)
  assertAnswered(response)
  const text = await response.text()
  return text === '' ? null : parsed(text)
}

/** @throws the error of an answer that is not a success */
function assertAnswered(response: Response): void {
  const { ok, status } = response
  if (ok) return
  if (status === 401 || status === 403) throw new InvalidAuthError()
  if (status >= 500) throw new CannotConnectError()
  throw new SetupError(`The service answered ${status}.`)
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text)
  } catch {
    throw new SetupError('The answer of the service is not JSON.')
  }
}
