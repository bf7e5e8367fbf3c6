import { readIcon } from '../engine/lib/icon.ts'
import { ConfigurationError } from '../errors.ts'
import type { HandlerOptions, PageFiles } from './access.ts'

/** The name and the icon of the host, as the page shows them. */
export interface PageBrand {
  readonly name?: string
  /** A `data:` URL. */
  readonly icon?: string
}

/** The files of the page, if it is served, and its brand. */
interface PageParts {
  readonly files: PageFiles | undefined
  readonly brand: PageBrand
}

/** Returns the parts of the option `page`. @throws ConfigurationError if the name or the icon is invalid */
export function pageOf(page: HandlerOptions['page']): PageParts {
  if (page === undefined || typeof page === 'function') return { files: page, brand: {} }
  const { files, name, icon } = page
  if (name !== undefined && (name.trim() === '' || name.length > 100))
    throw new ConfigurationError('Invalid page.name. Use 1 to 100 characters.')
  if (icon === undefined) return { files, brand: name === undefined ? {} : { name } }
  const read = readIcon(icon)
  if ('mistake' in read)
    throw new ConfigurationError(
      `page.icon ${read.mistake}. Use the text of an SVG, or a data: URL of an SVG, PNG or WebP, of at most 4 kB.`,
    )
  return { files, brand: { ...(name !== undefined && { name }), icon: read.url } }
}
