/** The maximum size of an icon in bytes. A list has one for each integration. */
const MAX_BYTES = 4_096

const DATA_URL =
  /^data:image\/(?<type>svg\+xml|png|webp)(?<parameters>(?:;[\w-]+(?:=[\w-]+)?)*),(?<data>.*)$/s

/** An SVG document that shows in an `<img>`: after an optional prolog, an `<svg>` in the SVG namespace. */
const SVG =
  /^\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)*<svg\s[^>]*\bxmlns\s*=\s*["']http:\/\/www\.w3\.org\/2000\/svg["'].*<\/svg>\s*$/s

/** The result of reading an icon: its `data:` URL, or the mistake in it. */
export type ReadIcon = { readonly url: string } | { readonly mistake: string }

/**
 * Reads an icon: the text of an SVG, or a `data:` URL of an SVG, PNG or WebP. Only images come out: an `<img>` runs no
 * script of an SVG and loads nothing for it.
 */
export function readIcon(icon: unknown): ReadIcon {
  if (typeof icon !== 'string') return { mistake: 'is not a text' }
  if (/^\s*</.test(icon)) return readSvg(icon)
  const { type, parameters = '', data = '' } = DATA_URL.exec(icon.trim())?.groups ?? {}
  if (type === undefined) return { mistake: 'is not an SVG, and not a data: URL of an SVG, PNG or WebP' }
  const bytes = bytesOf(data, parameters.endsWith(';base64'))
  if (bytes === null) return { mistake: 'is a data: URL that cannot be decoded' }
  if (type === 'svg+xml') return readSvg(new TextDecoder().decode(bytes))
  if (!isImage[type as keyof typeof isImage](bytes))
    return { mistake: `is not a ${type.toUpperCase()} image` }
  return sized(bytes.length, () => `data:image/${type};base64,${btoa(String.fromCharCode(...bytes))}`)
}

const readSvg = (text: string): ReadIcon =>
  SVG.test(text)
    ? sized(new TextEncoder().encode(text).length, () => `data:image/svg+xml,${encoded(text.trim())}`)
    : { mistake: 'is not an <svg> element with xmlns="http://www.w3.org/2000/svg"' }

const sized = (bytes: number, url: () => string): ReadIcon =>
  bytes > MAX_BYTES ? { mistake: `has ${bytes} bytes` } : { url: url() }

/** Encodes a text for a `data:` URL. Characters that a URL can contain stay readable, which also makes it shorter. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/%(?:20|2C|2F|3A|3B|3D|40)/g, decodeURIComponent)

const isImage = {
  png: (bytes: Uint8Array) => startsWith(bytes, '\x89PNG\r\n\x1a\n'),
  webp: (bytes: Uint8Array) => startsWith(bytes, 'RIFF') && startsWith(bytes.subarray(8), 'WEBP'),
}

const startsWith = (bytes: Uint8Array, text: string): boolean =>
  text === String.fromCharCode(...bytes.subarray(0, text.length))

/** Returns the content of a `data:` URL; null if it is invalid. */
function bytesOf(data: string, isBase64: boolean): Uint8Array | null {
  try {
    const text = decodeURIComponent(data)
    return isBase64
      ? Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
      : new TextEncoder().encode(text)
  } catch {
    return null
  }
}
