import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { ConfigurationError } from '../../errors.ts'

/** A file of the page. */
interface PageFile {
  readonly body: Uint8Array<ArrayBuffer>
  readonly type: string
  readonly immutable: boolean
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.png': 'image/png',
}

/** The folder of the built page: in the package, or in a checkout. */
const places = ['../../../web', '../../../dist/web'].map((path) => join(import.meta.dirname, path))

/**
 * Returns a function that reads the files of the reference page. Each file is read once.
 *
 * @throws ConfigurationError if the page is not built
 *
 * @example
 * ```ts
 * import { createLatchkey, memoryStore } from 'latchkey'
 * import { latchkeyHandler } from 'latchkey/http'
 * import { pageFiles } from 'latchkey/page'
 *
 * const latchkey = await createLatchkey({ integrations: [], store: memoryStore() })
 * const handler = latchkeyHandler(latchkey, { page: pageFiles() })
 * ```
 */
export function pageFiles(
  directory = places.find(
    (place) => existsSync(join(place, 'index.html')) && existsSync(join(place, 'assets')),
  ),
): (path: string) => Promise<PageFile | undefined> {
  if (directory === undefined) throw new ConfigurationError('The page is not built. Run: npm run build:web')
  const files = new Map<string, Promise<PageFile | undefined>>()
  return (path) => {
    // Allows only plain names, so that no path leaves the folder.
    if (!/^(\/[\w-][\w.-]*){1,3}$/.test(path)) return Promise.resolve(undefined)
    let file = files.get(path)
    if (file === undefined) {
      file = read(join(directory, path), path)
      files.set(path, file)
      // Missing files are not cached, because any client can request any path.
      void file.then((found) => found ?? files.delete(path))
    }
    return file
  }
}

async function read(file: string, path: string): Promise<PageFile | undefined> {
  const type = types[extname(path)]
  if (type === undefined) return undefined
  try {
    return { body: new Uint8Array(await readFile(file)), type, immutable: path.startsWith('/assets/') }
  } catch {
    return undefined
  }
}
