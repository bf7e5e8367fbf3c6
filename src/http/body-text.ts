import { HttpProblem } from './problem.ts'

const MAX_BODY = 256 * 1024

/** The body of a request, as text. @throws HttpProblem where it is too large, or ends before its time */
export async function bodyText(request: Request): Promise<string> {
  const said = request.headers.get('content-length')
  // The server holds a client to the length that it has said.
  if (said !== null && Number(said) > MAX_BODY) throw tooLarge()
  try {
    return await (said === null ? counted(request.body) : request.text())
  } catch (error) {
    if (error instanceof HttpProblem) throw error
    // Whoever sent it has hung up: nobody hears this, and nothing of ours has failed.
    throw new HttpProblem(400, 'BODY_CUT_SHORT', 'The body ended before it was whole.')
  }
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
