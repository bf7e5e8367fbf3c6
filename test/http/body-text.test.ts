import { describe, expect, it } from '@jest/globals'
import { bodyText } from '../../src/http/body-text.ts'

const LARGEST = 256 * 1024

/** A request whose body is streamed in the given number of parts. */
function coming(parts: Iterable<Uint8Array<ArrayBuffer>>, headers: Record<string, string> = {}): Request {
  const each = parts[Symbol.iterator]()
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      const { done, value } = each.next()
      if (done === true) controller.close()
      else controller.enqueue(value)
    },
  })
  // Node requires `duplex`, which is missing in the types of the browser.
  const init: RequestInit & { duplex: 'half' } = { method: 'POST', headers, body, duplex: 'half' }
  return new Request('http://127.0.0.1/flows', init)
}

describe('bodyText', () => {
  it('joins the parts of a body, also if a character is split', async () => {
    const bytes = new TextEncoder().encode('{"name":"Zoë"}')
    expect(await bodyText(coming([...bytes].map((byte) => Uint8Array.of(byte))))).toBe('{"name":"Zoë"}')
  })

  it('returns an empty string without a body', async () => {
    expect(await bodyText(new Request('http://127.0.0.1/', { method: 'POST' }))).toBe('')
  })

  it('stops reading at the limit', async () => {
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

  it('rejects a declared length that is too large without reading', async () => {
    const request = coming([new Uint8Array(1)], { 'content-length': String(LARGEST + 1) })
    await expect(bodyText(request)).rejects.toMatchObject({ status: 413 })
    expect(request.bodyUsed).toBe(false)
  })

  it.each([{}, { 'content-length': '9' }])('answers 400 to an incomplete body: %j', async (headers) => {
    function* cut() {
      yield new Uint8Array(1)
      throw new Error('aborted')
    }
    await expect(bodyText(coming(cut(), headers))).rejects.toMatchObject({
      status: 400,
      code: 'BODY_CUT_SHORT',
    })
  })
})
