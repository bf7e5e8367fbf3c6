import { describe, expect, it } from '@jest/globals'
import { errorShownTo, flowShownTo } from '../../src/http/details.ts'
import { latchkeyHandler } from '../../src/http/index.ts'
import { FlowEndedError, StaleRevisionError } from '../../src/index.ts'
import { addEntry, asForm, makeHost } from '../engine/host.ts'
import { byName } from './served.ts'

const publicUrl = 'https://hub.example'

/** A reauthentication whose form shows an unexpected error, and a caller with some rights. */
async function failed() {
  const host = await makeHost({ scopes: true })
  const latchkey = host.latchkey.scope('a')
  const entryId = await addEntry({ latchkey, service: host.service })
  const handler = latchkeyHandler(host.latchkey, { authorize: byName, publicUrl })
  host.service.script({ throws: new Error('a bug') })
  const form = await latchkey.flows.start({ source: 'reauth', entryId })
  const { flowId } = form
  const view = asForm(await latchkey.flows.submit(flowId, { token: 'next' }, { revision: form.revision }))
  const ask = async (right: string, path: string, method = 'GET', body?: object) => {
    const headers = {
      ...{ authorization: `Bearer a/ada/${right}`, origin: publicUrl, 'if-match': '"1"' },
      ...(body && { 'content-type': 'application/json' }),
    }
    const init = { method, headers, ...(body && { body: JSON.stringify(body) }) }
    const response = await handler(new Request(`${publicUrl}${path}`, init))
    return response.text()
  }
  return { ...host, latchkey, entryId, flowId, view, handler, ask }
}

describe('the reference of an unexpected error of a form', () => {
  it('finds its log line, and is for callers with the right manage only', async () => {
    const { view, ask, flowId, entryId, log, handler } = await failed()
    const { base } = view.errors
    expect(base).toMatchObject({ code: 'unknown', ref: expect.any(String) })
    const ref = base?.ref ?? 'none'
    expect(base?.advice).toContain(ref)
    expect(JSON.stringify(log)).toContain(ref)
    const start = { source: 'reauth', entryId }
    for (const [path, method, body] of [
      [`/flows/${flowId}`],
      ['/flows'],
      ['/flows', 'POST', start],
      [`/entries/${entryId}/reauth`, 'POST'],
      // A stale revision.
      [`/flows/${flowId}`, 'POST', { input: {} }],
    ] as const) {
      expect(await ask('manage', path, method, body)).toContain(ref)
      const shown = await ask('repair', path, method, body)
      expect(shown).toContain(flowId)
      expect(shown).not.toContain(ref)
    }
    handler.close()
  })

  it('is removed only from an error that has it', () => {
    const access = { scope: 'home', principal: 'p', rights: ['repair' as const] }
    const form = (base: object) => ({ type: 'form', flowId: 'f1', errors: { base } }) as never
    const errorsOf = (base: object) => (flowShownTo(access, form(base)) as { errors?: object }).errors
    expect(errorsOf({ code: 'unknown', ref: 'r1', advice: 'Quote r1.' })).toEqual({
      base: { code: 'unknown' },
    })
    const kept = { code: 'unknown', advice: 'Ask.' }
    expect(errorsOf({ ...kept, ref: 'r1' })).toEqual({ base: kept })
    expect(errorsOf(kept)).toEqual({ base: kept })
  })

  it('is in the view of a problem only for callers with the right manage', () => {
    const view = { type: 'form', flowId: 'f1', errors: { base: { code: 'unknown', ref: 'r1' } } }
    const entry = { entryId: 'e1', lastError: { code: 'unknown', text: '', at: 1, ref: 'r1' } }
    const may = { scope: 'home', principal: 'p', rights: ['manage' as const] }
    const other = new Error('r1')
    expect(errorShownTo(null, other)).toBe(other)
    for (const error of [
      new StaleRevisionError(view),
      new FlowEndedError(view),
      new StaleRevisionError(entry),
    ]) {
      expect(errorShownTo(may, error)).toBe(error)
      expect(errorShownTo(null, error)).toBeInstanceOf(error.constructor)
      expect(JSON.stringify(errorShownTo(null, error))).not.toContain('r1')
    }
  })
})
