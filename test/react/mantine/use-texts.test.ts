import { beforeAll, describe, expect, it } from '@jest/globals'
import { ProblemError } from '../../../src/client/index.ts'
import { errorText } from '../../../src/react/mantine/error-text.ts'
import { loadedTexts, loadTexts, onTextsLoaded } from '../../../src/react/mantine/load-texts.ts'
import { componentTexts } from '../../../src/react/mantine/use-texts.ts'

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
    expect(errorText(texts, new TypeError('fetch failed'))).toBe(texts.t('unreachable'))
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
