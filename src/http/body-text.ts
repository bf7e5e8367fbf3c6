import { HttpProblem } from './problem.ts'

const MAX_BODY = 256 * 1024

/** The body of a request, as text. @throws HttpProblem where it is too large */
export async function bodyText(request: Request): Promise<string> {
  const said = request.headers.get('content-length')
  if (said === null) return counted(request.body)
  // The server holds a client to the length that it has said.
  if (Number(said) > MAX_BODY) throw tooLarge()
  return request.text()
}

/** Without a length that is said the body is counted as it comes. */
async function counted(body: Request['body']): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let length = 0
  for await (const part of body ?? []) {
    length += part.length
    if (length > MAX_BODY) throw tooLarge()
    text += decoder.decode(part, { stream: true })
  }
  return text + decoder.decode()
}

const tooLarge = (): HttpProblem => new HttpProblem(413, 'TOO_LARGE', 'The body is larger than 256 kB.')
