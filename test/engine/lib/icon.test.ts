import { describe, expect, it } from '@jest/globals'
import { readIcon } from '../../../src/engine/lib/icon.ts'

const SVG =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4"><path d="M0 0h4v4z" fill="#0a0"/></svg>'
const PNG = btoa('\x89PNG\r\n\x1a\n rest')
const WEBP = btoa('RIFF\0\0\0\0WEBP rest')
const base64 = (type: string, text: string) => `data:image/${type};base64,${btoa(text)}`

/** Returns what an `<img>` receives. */
async function loaded(icon: string): Promise<string> {
  const read = readIcon(icon)
  if ('mistake' in read) throw new Error(read.mistake)
  return (await fetch(read.url)).text()
}

describe('readIcon', () => {
  it.each([
    ['the text of an SVG', SVG],
    ['an SVG with a prolog and a comment', `<?xml version="1.0"?>\n<!-- a\nlogo -->\n${SVG}\n`],
    ['a data: URL of an SVG', `data:image/svg+xml,${encodeURIComponent(SVG)}`],
    ['one with a charset', `data:image/svg+xml;charset=utf-8,${encodeURIComponent(SVG)}`],
    ['one in base64', base64('svg+xml', SVG)],
  ])('returns a data: URL of the same picture for %s', async (_, icon) => {
    expect(readIcon(icon)).toMatchObject({
      url: expect.stringMatching(/^data:image\/svg\+xml,%3Csvg|^data:image\/svg\+xml,%3C%3Fxml/),
    })
    expect(await loaded(icon)).toBe(icon.startsWith('<') ? icon.trim() : SVG)
  })

  it.each([
    ['png', PNG],
    ['webp', WEBP],
  ])('returns a data: URL of a %s', (type, data) => {
    const url = `data:image/${type};base64,${data}`
    expect(readIcon(url)).toEqual({ url })
    expect(readIcon(`data:image/${type};base64,${encodeURIComponent(data)}`)).toEqual({ url })
  })

  it.each([
    ['another value', 7, 'is not a text'],
    [
      'a URL of a picture',
      'https://hub.example/icon.png',
      'is not an SVG, and not a data: URL of an SVG, PNG or WebP',
    ],
    ['a script', 'javascript:alert(1)', 'is not an SVG, and not a data: URL of an SVG, PNG or WebP'],
    ['a document', 'data:text/html,<svg>', 'is not an SVG, and not a data: URL of an SVG, PNG or WebP'],
    ['a GIF', base64('gif', 'GIF89a'), 'is not an SVG, and not a data: URL of an SVG, PNG or WebP'],
    [
      'an HTML document',
      '<html><svg></svg></html>',
      'is not an <svg> element with xmlns="http://www.w3.org/2000/svg"',
    ],
    [
      'an SVG that an <img> does not show',
      '<svg viewBox="0 0 1 1"></svg>',
      'is not an <svg> element with xmlns="http://www.w3.org/2000/svg"',
    ],
    [
      'one in a data: URL',
      'data:image/svg+xml,%3Csvg%3E%3C/svg%3E',
      'is not an <svg> element with xmlns="http://www.w3.org/2000/svg"',
    ],
    ['text that is not base64', 'data:image/png;base64,a', 'is a data: URL that cannot be decoded'],
    ['a broken escape', 'data:image/svg+xml,%3', 'is a data: URL that cannot be decoded'],
    ['a PNG that is a WebP', `data:image/png;base64,${WEBP}`, 'is not a PNG image'],
    ['a WebP that is a PNG', `data:image/webp;base64,${PNG}`, 'is not a WEBP image'],
    ['a WebP that is a WAV', base64('webp', 'RIFF\0\0\0\0WAVE'), 'is not a WEBP image'],
  ])('names the mistake in %s', (_, icon, mistake) => {
    expect(readIcon(icon)).toEqual({ mistake })
  })

  it('takes 4,096 bytes and no more, however they are encoded', () => {
    const sized = (length: number) =>
      SVG.replace('/>', `/><!--${'é'.repeat((length - SVG.length - 7) / 2)}-->`)
    expect(new TextEncoder().encode(sized(4_096)).length).toBe(4_096)
    expect(readIcon(sized(4_096))).toHaveProperty('url')
    expect(readIcon(sized(4_098))).toEqual({ mistake: 'has 4098 bytes' })
    expect(readIcon(base64('png', `\x89PNG\r\n\x1a\n${'x'.repeat(4_089)}`))).toEqual({
      mistake: 'has 4097 bytes',
    })
  })
})
