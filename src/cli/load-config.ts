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

const upTo = (most: number) => {
  const error = `a whole number from 0 to ${most}`
  return z.int(error).min(0, error).max(most, error).optional()
}

const Config = z.looseObject({
  integrations: z.array(z.looseObject({ domain: z.string() }, 'an integration from defineIntegration()'), {
    error: 'a list of integrations',
  }),
  store: z.custom<Store>(isStore, 'a store, for example sqliteStore("latchkey.db")'),
  scope: z.string('a string').optional(),
  http: z.looseObject({ port: upTo(65_535), stopDelay: upTo(2 ** 31 - 1) }, 'an object').optional(),
})

/**
 * Loads the configuration file: the named one, or the default one in the working directory.
 *
 * @throws ConfigMissingError, ConfigInvalidError
 */
export async function loadConfig(
  directory: string,
  named?: string,
): Promise<{ readonly path: string; readonly config: LatchkeyConfig }> {
  const path = named === undefined ? findConfig(directory) : resolve(directory, named)
  if (!existsSync(path)) {
    throw new ConfigMissingError(path, `Configuration file ${path} not found. Pass its path with --config.`)
  }
  let exported: { readonly default?: unknown }
  try {
    exported = await import(pathToFileURL(path).href)
  } catch (cause) {
    throw new ConfigInvalidError(path, `${path} could not be loaded: ${reasonOf(cause, path)}`, { cause })
  }
  const read = Config.safeParse(exported.default)
  if (read.success) return { path, config: exported.default as LatchkeyConfig }
  const faults = read.error.issues
    .filter((issue) => issue.path.length > 0)
    .map((issue) => `\`${issue.path.join('.')}\` must be ${issue.message}`)
  const why = faults.length === 0 ? '' : ` (${faults.join('; ')})`
  const example = 'Use: export default defineConfig({ integrations: […], store: sqliteStore("latchkey.db") })'
  throw new ConfigInvalidError(
    path,
    `The default export of ${path} is not a valid configuration${why}. ${example}`,
  )
}

function findConfig(directory: string): string {
  const found = names.map((name) => join(directory, name)).find((path) => existsSync(path))
  if (found !== undefined) return found
  throw new ConfigMissingError(
    directory,
    `No configuration file (${names.join(', ')}) found in ${directory}. Create one, or pass its path with --config.`,
  )
}

/** Returns the reason why a configuration file could not be imported. */
function reasonOf(cause: unknown, path: string): string {
  if (!(cause instanceof Error)) return String(cause)
  const needsTypeScript =
    'code' in cause && cause.code === 'ERR_UNKNOWN_FILE_EXTENSION' && path.endsWith('.ts')
  if (!needsTypeScript) return cause.message
  return `Node ${process.versions.node} cannot load TypeScript. Install Node ${readManifest().engines.node}.`
}
