import { beforeAll, describe, expect, it } from '@jest/globals'
import { ProblemError } from '../../../src/client/index.ts'
import { errorText } from '../../../src/react/mantine/error-text.ts'
import { loadedTexts, loadTexts, onTextsLoaded } from '../../../src/react/mantine/load-texts.ts'
import { componentTexts } from '../../../src/react/mantine/use-texts.ts'
import type { AbortView } from '../../../src/view.ts'

beforeAll(() => loadTexts('de-AT'))

describe('componentTexts', () => {
  it('formats plurals in the language of the reader', () => {
    expect(componentTexts('de-AT').t('ignored', { count: 1234 })).toBe('Ignoriert (1234)')
    expect(componentTexts('de').t('attention', { count: 1234 })).toMatch(/^1\.234 /)
    expect(componentTexts('en').t('attention', { count: 1234 })).toMatch(/^1,234 /)
  })

  it('prefers the texts of the host, and falls back to English in other languages', () => {
    const spanish = componentTexts('es-MX', { cancel: 'Cancelar', ignored: 'Ignorados ({count})' })
    expect(spanish.t('cancel')).toBe('Cancelar')
    expect(spanish.t('ignored', { count: 2 })).toBe('Ignorados (2)')
    expect(spanish.t('close')).toBe('Close')
  })

  it('is English for a language that is not a tag', () => {
    expect(componentTexts('no tag').t('attention', { count: 2 })).toMatch(/^2 /)
  })

  it('prefers its own text for a code to that of the server, and has a general one for other codes', () => {
    expect(componentTexts('de').codeText('FORBIDDEN', 'from the server')).not.toBe('from the server')
    expect(componentTexts('en').codeText('FORBIDDEN', 'from the server')).toBe('from the server')
    expect(componentTexts('en', { codes: { FORBIDDEN: 'by the host' } }).codeText('FORBIDDEN', 'x')).toBe(
      'by the host',
    )
    expect(componentTexts('de').codeText('pin_too_old')).toBe(componentTexts('de').codeText('invalid'))
  })
})

describe('the text of a result', () => {
  const end = (more: object): AbortView => ({
    ...{ flowId: 'f1', machine: 'configFlow', domain: 'hub', source: 'reauth', entryId: 'e1', revision: 2 },
    ...{ title: 'Reconnect', language: 'en', service: 'My Hub', placeholders: { name: 'My Hub' } },
    ...{ type: 'abort', reason: 'reauth_successful', success: true, text: 'My Hub is connected again.' },
    ...more,
  })

  it('names the connection, which the result of the server does not', () => {
    const { endText } = componentTexts('en')
    expect(endText(end({}), 'Living room')).toBe('Living room is connected again.')
    const waiting = 'My Hub is connected again. Saved, but not connected yet: Retrying.'
    expect(endText(end({ text: waiting }), 'Living room')).toBe(
      'Living room is connected again. Saved, but not connected yet: Retrying.',
    )
    const removed = end({ reason: 'entry_removed', success: false, text: 'Mein Hub wurde entfernt.' })
    const german = componentTexts('de').endText
    expect(german({ ...removed, placeholders: { name: 'Mein Hub' } }, 'Küche')).toBe('Küche wurde entfernt.')
  })

  it('stays as it is without a name, and if the integration has its own', () => {
    const { endText } = componentTexts('en')
    const text = 'The hub listens again.'
    expect(endText(end({ text }), 'Living room')).toBe(text)
    expect(endText(end({ reason: 'pin_too_old', text }), 'Living room')).toBe(text)
    const saved = end({ reason: 'reconfigure_successful', text: 'Changes saved.' })
    expect(endText(saved, 'Living room')).toBe('Changes saved.')
  })

  it('names a new connection, and a new sub-entry', () => {
    const { endText } = componentTexts('en')
    const { reason: _, success: __, ...base } = end({})
    const made = { ...base, type: 'create_entry', entryId: 'e1', success: true } as const
    expect(endText({ ...made, text: 'My Hub is connected.' }, 'Living room')).toBe(
      'Living room is connected.',
    )
    const subentry = { type: 'room', subentryId: 's1', isNew: true }
    expect(endText({ ...made, subentry, text: 'Room added.' }, 'Living room')).toBe('Room added.')
  })
})

describe('loadTexts', () => {
  it('loads the nearest language once, and the components change to it', async () => {
    const before = componentTexts('fr-CA').t('close')
    let changes = 0
    const end = onTextsLoaded(() => {
      changes++
    })
    await loadTexts('fr-CA')
    const loaded = loadedTexts()
    await loadTexts('fr')
    end()
    expect([before, componentTexts('fr-CA').t('close')]).toEqual(['Close', 'Fermer'])
    expect(componentTexts('fr').fieldText('required', {})).toBe('Remplissez ce champ.')
    expect(loadedTexts()).toBe(loaded)
    expect(changes).toBe(1)
  })

  it('leaves a language without texts in English', async () => {
    await loadTexts('es')
    await loadTexts('no tag')
    await loadTexts('en-GB')
    expect(componentTexts('es').t('close')).toBe('Close')
  })
})

describe('errorText', () => {
  const texts = componentTexts('en')

  it('has no text for an ended flow, whose view is shown', () => {
    const problem = { type: 'about:blank', title: 'Gone', status: 410, code: 'FLOW_ENDED' }
    expect(errorText(texts, new ProblemError(problem))).toBeNull()
    expect(errorText(texts, null)).toBeNull()
  })

  it('distinguishes a server that cannot be reached', () => {
    expect(errorText(texts, new TypeError('fetch failed'))).toBe(texts.t('notResponding'))
  })

  it('does not claim that nothing was saved if that is not known', () => {
    const problem = { status: 503, code: 'STORE', detail: 'From the server.' }
    expect(errorText(texts, new ProblemError({ ...problem, outcome: 'unknown' }))).toBe(
      'It is not known whether this was saved. Reload and look.',
    )
    const german = componentTexts('de')
    expect(errorText(german, new ProblemError({ ...problem, outcome: 'unknown' }))).toBe(german.t('notKnown'))
    expect(errorText(texts, new ProblemError({ ...problem, outcome: 'not_written' }))).toBe(
      'From the server.',
    )
  })
})
