import { describe, expect, it } from '@jest/globals'
import { bodyText } from '../../src/http/body-text.ts'

const LARGEST = 256 * 1024

/** A request whose body comes in parts, as many as are asked for. */
function coming(parts: Iterable<Uint8Array<ArrayBuffer>>, headers: Record<string, string> = {}): Request {
  const each = parts[Symbol.iterator]()
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      const { done, value } = each.next()
      if (done === true) controller.close()
      else controller.enqueue(value)
    },
  })
  // Node asks for `duplex`, which the types of the browser do not know.
  const init: RequestInit & { duplex: 'half' } = { method: 'POST', headers, body, duplex: 'half' }
  return new Request('http://127.0.0.1/flows', init)
}

describe('bodyText', () => {
  it('puts together what comes in parts, in the middle of a character too', async () => {
    const bytes = new TextEncoder().encode('{"name":"Zoë"}')
    expect(await bodyText(coming([...bytes].map((byte) => Uint8Array.of(byte))))).toBe('{"name":"Zoë"}')
  })

  it('is empty where there is no body', async () => {
    expect(await bodyText(new Request('http://127.0.0.1/', { method: 'POST' }))).toBe('')
  })

  it('takes as much as it says and no more, and does not read on', async () => {
    expect(await bodyText(coming([new Uint8Array(LARGEST)]))).toHaveLength(LARGEST)
    let sent = 0
    function* endless() {
      for (;;) {
        sent++
        yield new Uint8Array(LARGEST / 4)
      }
    }
    await expect(bodyText(coming(endless()))).rejects.toMatchObject({ status: 413, code: 'TOO_LARGE' })
    expect(sent).toBeLessThan(10)
  })

  it('refuses a length that is too large before it reads anything', async () => {
    const request = coming([new Uint8Array(1)], { 'content-length': String(LARGEST + 1) })
    await expect(bodyText(request)).rejects.toMatchObject({ status: 413 })
    expect(request.bodyUsed).toBe(false)
  })

  it.each([{}, { 'content-length': '9' }])(
    'is nobody else’s fault where it is cut short: %j',
    async (headers) => {
      function* cut() {
        yield new Uint8Array(1)
        throw new Error('aborted')
      }
      await expect(bodyText(coming(cut(), headers))).rejects.toMatchObject({
        status: 400,
        code: 'BODY_CUT_SHORT',
      })
    },
  )
})
