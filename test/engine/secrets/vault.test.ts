import { describe, expect, it } from '@jest/globals'
import { joseCipher } from '../../../src/adapters/jose-cipher.ts'
import { plainCipher } from '../../../src/adapters/plain-cipher.ts'
import type { Cipher } from '../../../src/ports/cipher.ts'
import { addEntry, makeHost, openForm } from '../host.ts'
import { REDIRECT, SignInScript } from '../sign-in-script.ts'

const values = { host: 'h', token: 'good-token' }

/** A cipher whose errors quote the plain text. */
const failing: Cipher = {
  ...plainCipher(),
  seal: async (plaintext) => {
    throw new Error(`cannot seal ${plaintext}`)
  },
}

describe('sealing', () => {
  it('that fails saves nothing, shows the form, and logs no secret', async () => {
    const host = await makeHost({ cipher: failing })
    host.service.accounts.set('good-token', 'ann')
    const { flowId, revision } = await openForm(host.latchkey)
    expect(await host.latchkey.flows.submit(flowId, values, { revision })).toMatchObject({
      step: 'user',
      errors: { base: { code: 'unknown' } },
    })
    expect((await host.latchkey.entries.list()).items).toEqual([])
    expect(host.service.open).toBe(0)
    expect(host.log.messages).toContain('The cipher could not encrypt a value.')
    expect(JSON.stringify(host.log.lines)).not.toContain('good-token')
  })

  it('that fails before a challenge is reported to the caller, without the input', async () => {
    const host = await makeHost({ cipher: failing })
    host.service.script({ challenge: 'otp', state: { session: 'session-8f3a' } })
    const { flowId, revision } = await openForm(host.latchkey)
    const thrown: unknown = await host.latchkey.flows.submit(flowId, values, { revision }).catch((e) => e)
    expect(String(thrown)).toBe('StoreError: The cipher could not encrypt the value. Nothing was saved.')
    expect(JSON.stringify(host.log.lines)).not.toMatch(/good-token|session-8f3a/)
    expect(await host.latchkey.flows.get(flowId)).toMatchObject({ step: 'user', revision })
  })

  it('that fails for a sign-in names the flow, and hides the random part of the token', async () => {
    const quoted: string[] = []
    const cipher: Cipher = {
      ...failing,
      seal: (plaintext, context) => {
        quoted.push(plaintext)
        return failing.seal(plaintext, context)
      },
    }
    const { latchkey, log } = await makeHost({ cipher, integrations: [new SignInScript().integration] })
    const menu = await latchkey.flows.start({ domain: 'scripted_oauth', source: 'user' })
    const page = await latchkey.flows.choose(menu.flowId, 'browser', { revision: menu.revision })
    const options = { revision: page.revision, redirectUri: REDIRECT }
    await latchkey.flows.authorize(page.flowId, options).catch(() => {})
    const [scope, flowId, random] = JSON.parse(quoted[0] ?? '[]')
    expect(log.lines[0]?.fields.error?.message).toBe(`cannot seal ["${scope}","${flowId}","[secret]"]`)
    expect(random).toEqual(expect.any(String))
    expect(JSON.stringify(log.lines)).not.toContain(random)
  })

  it('binds a secret to its entry: names, identity, domain and clear data', async () => {
    const sealed: unknown[] = []
    const cipher: Cipher = {
      ...plainCipher(),
      seal: async (plaintext, context) => {
        sealed.push([plaintext, context])
        return plainCipher().seal(plaintext, context)
      },
    }
    const entryId = await addEntry(await makeHost({ cipher }))
    const data = { host: 'h' }
    const context = {
      purpose: 'entry',
      scope: 'default',
      id: entryId,
      domain: 'scripted',
      uniqueId: 'ann',
      data,
    }
    expect(sealed).toEqual([['{"token":"good"}', context]])
  })
})

describe('opening', () => {
  it('a value that is not JSON is a broken seal, and is not quoted', async () => {
    const host = await makeHost()
    const entryId = await addEntry(host)
    const cipher = { ...plainCipher(), open: async () => 'good, not JSON' }
    const { latchkey, log } = await host.again({ cipher })
    await latchkey.start()
    expect(await latchkey.entries.get(entryId)).toMatchObject({ state: 'setup_error' })
    expect(log.lines).toMatchObject([{ fields: { error: { code: 'SEAL_BROKEN' } } }])
    expect(JSON.stringify(log.lines)).not.toContain('good, not JSON')
  })

  it('the answer to a challenge needs the draft of that flow', async () => {
    const host = await makeHost({ cipher: joseCipher([new Uint8Array(32).fill(1)]) })
    const flows: { flowId: string; revision: number }[] = []
    for (const token of ['one-token', 'two-token']) {
      host.service.script({ challenge: 'otp' })
      const form = await openForm(host.latchkey)
      flows.push(
        await host.latchkey.flows.submit(form.flowId, { host: 'h', token }, { revision: form.revision }),
      )
    }
    const [one, two] = await Promise.all(flows.map(({ flowId }) => host.store.getFlow('default', flowId)))
    if (one === undefined || two === undefined) throw new Error('There are two flows.')
    expect(one.sealedDraft).not.toContain('one-token')
    const record = { ...structuredClone(one), sealedDraft: two.sealedDraft, revision: one.revision + 1 }
    await host.store.apply('default', [{ put: 'flow', record, ifRevision: one.revision }])
    const submit = host.latchkey.flows.submit(one.flowId, { code: '1' }, { revision: record.revision })
    await expect(submit).rejects.toMatchObject({ code: 'SEAL_BROKEN' })
    expect(host.service.connects).toHaveLength(2)
  })
})
