import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import * as z from 'zod'
import type { Store } from '../ports/store.ts'
import type { LatchkeyConfig } from './config.ts'
import { ConfigInvalidError, ConfigMissingError } from './errors.ts'
import { readManifest } from './package-root.ts'

const names = ['latchkey.config.ts', 'latchkey.config.mjs', 'latchkey.config.js']

const isStore = (value: unknown): value is Store =>
  typeof value === 'object' &&
  value !== null &&
  ['open', 'close', 'apply'].every((name) => typeof (value as Record<string, unknown>)[name] === 'function')

const Config = z.looseObject({
  integrations: z.array(z.looseObject({ domain: z.string() }, 'what defineIntegration() makes'), {
    error: 'a list of integrations',
  }),
  store: z.custom<Store>(isStore, 'a store, for example sqliteStore("latchkey.db")'),
  scope: z.string('a text').optional(),
  http: z.looseObject({}, 'an object').optional(),
})

/**
 * Reads the configuration: the file that is named, or the one that lies in the working directory.
 * @throws ConfigMissingError, ConfigInvalidError
 */
export async function loadConfig(
  directory: string,
  named?: string,
): Promise<{ readonly path: string; readonly config: LatchkeyConfig }> {
  const path = named === undefined ? findConfig(directory) : resolve(directory, named)
  if (!existsSync(path)) {
    throw new ConfigMissingError(path, `There is no ${path}. Name the configuration with --config PATH.`)
  }
  let exported: { readonly default?: unknown }
  try {
    exported = await import(pathToFileURL(path).href)
  } catch (cause) {
    throw new ConfigInvalidError(path, `${path} could not be loaded: ${whyOf(cause, path)}`, { cause })
  }
  const read = Config.safeParse(exported.default)
  if (read.success) return { path, config: exported.default as LatchkeyConfig }
  const faults = read.error.issues
    .filter((issue) => issue.path.length > 0)
    .map((issue) => `\`${issue.path.join('.')}\` has to be ${issue.message}`)
  const why = faults.length === 0 ? '' : ` (${faults.join('; ')})`
  const wayOut =
    'Write: export default defineConfig({ integrations: […], store: sqliteStore("latchkey.db") })'
  throw new ConfigInvalidError(path, `The default export of ${path} is no configuration${why}. ${wayOut}`)
}

function findConfig(directory: string): string {
  const found = names.map((name) => join(directory, name)).find((path) => existsSync(path))
  if (found !== undefined) return found
  throw new ConfigMissingError(
    directory,
    `There is no ${names.join(', ')} in ${directory}. Write one, go to where one is, or name it with --config PATH.`,
  )
}

/** What the import of a configuration failed of. */
function whyOf(cause: unknown, path: string): string {
  if (!(cause instanceof Error)) return String(cause)
  const readsNoTypes = 'code' in cause && cause.code === 'ERR_UNKNOWN_FILE_EXTENSION' && path.endsWith('.ts')
  if (!readsNoTypes) return cause.message
  return `Node ${process.versions.node} reads no TypeScript. Latchkey takes Node ${readManifest().engines.node}.`
}
