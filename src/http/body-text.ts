import { HttpProblem } from './problem.ts'

const MAX_BODY = 256 * 1024

/** Returns the body of a request as text, of at most 256 kB. @throws HttpProblem if it is too large or incomplete */
export async function bodyText(request: Request, most = MAX_BODY): Promise<string> {
  const declared = request.headers.get('content-length')
  // The server enforces a declared length, so the body cannot be longer.
  if (declared !== null && Number(declared) > most) throw tooLarge(most)
  try {
    return await (declared === null ? readLimited(request.body, most) : request.text())
  } catch (error) {
    if (error instanceof HttpProblem) throw error
    // The client has disconnected, or another program has read the body. The two cannot be distinguished.
    throw new HttpProblem(
      400,
      'BODY_CUT_SHORT',
      'The request body is incomplete. Send it again. If a body parser such as express.json() has already read it, mount nodeListener of latchkey/http/node.',
    )
  }
}

/** Reads a body without a declared length and stops at the limit. */
async function readLimited(body: Request['body'], most: number): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let length = 0
  for await (const part of body ?? []) {
    length += part.length
    if (length > most) throw tooLarge(most)
    text += decoder.decode(part, { stream: true })
  }
  return text + decoder.decode()
}

const tooLarge = (most: number): HttpProblem =>
  new HttpProblem(413, 'TOO_LARGE', `The request body is larger than ${most / 1024} kB.`)
