import type { EntryVersion, VersionSubentry, VersionValues } from '../../authoring/migration.ts'
import { Secret } from '../../authoring/secret.ts'
import { titleFrom } from '../../authoring/title.ts'
import { isUniqueId } from '../../authoring/unique-id.ts'
import { isPlainObject, pointerTo } from '../../form.ts'
import type { JsonObject } from '../../ports/json.ts'
import { ShownTexts } from '../connections/explained.ts'
import type { Compiled } from '../integrations/compiled.ts'
import { assertDistinct, fittingValues, UnfitError } from '../integrations/fitting.ts'
import { splitStoredValues, textsIn } from '../integrations/values.ts'
import { newId } from '../lib/new-id.ts'

/** Stored values with decrypted secrets. */
interface OpenedValues {
  readonly data: JsonObject
  readonly secrets: JsonObject
}

/** An entry with decrypted secrets. */
export interface OpenedEntry extends OpenedValues {
  readonly version: number
  readonly uniqueId: string | null
  readonly options: JsonObject
  readonly subentries: readonly OpenedSubentryVersion[]
}

/** A sub-entry with decrypted secrets. */
export interface OpenedSubentryVersion extends OpenedValues, Omit<VersionSubentry, 'values'> {}

/** The reason why a migration failed. Stored with the entry and in its history. */
type MigrationFailure = 'no_step' | 'step_failed' | 'invalid_values' | 'identity_taken'

/** A migration of the integration is missing, threw, or returned invalid values. The message never quotes a value. */
export class MigrationFailedError extends Error {
  readonly failure: MigrationFailure
  /** The part of the entry that does not fit (RFC 6901); null if no part is known. */
  readonly path: string | null
  constructor(failure: MigrationFailure, message: string, { path = null, cause }: FailureMore = {}) {
    super(message, { cause })
    this.failure = failure
    this.path = path
  }
}

interface FailureMore {
  readonly path?: string | null
  readonly cause?: unknown
}

/**
 * Applies all migrations to an entry and to its sub-entries, and validates the result. `most`: the maximum number of
 * sub-entries.
 *
 * @throws MigrationFailedError
 */
export function migrateEntry(compiled: Compiled, opened: OpenedEntry, most: number): OpenedEntry {
  try {
    let entry = versionOf(opened)
    for (let from = opened.version; from < compiled.version; from++) {
      const step = compiled.migrations.get(from)
      if (step === undefined)
        throw new MigrationFailedError(
          'no_step',
          `The migration from version ${from} to ${from + 1} is missing.`,
        )
      const old = entry
      entry = changed(
        compiled,
        entry,
        applied(`from version ${from}`, () => step(old)),
      )
    }
    if (entry.subentries.length > Math.max(most, opened.subentries.length))
      throw new UnfitError('/subentries', `has more than ${most} sub-entries`)
    return fitting(compiled, entry)
  } catch (error) {
    if (!(error instanceof UnfitError)) throw error
    const message = `The migrated entry does not fit version ${compiled.version}: ${error.message}`
    throw new MigrationFailedError('invalid_values', message, { path: error.path, cause: error.cause })
  }
}

const secretValues = ({ data, secrets }: OpenedValues): VersionValues => ({
  ...data,
  ...Object.fromEntries(Object.entries(secrets).map(([field, text]) => [field, new Secret(String(text))])),
})

/** Returns an entry as a migration receives it. */
const versionOf = (opened: OpenedEntry): EntryVersion => ({
  values: secretValues(opened),
  options: opened.options,
  subentries: opened.subentries.map(({ data, secrets, ...subentry }) => ({
    ...subentry,
    values: secretValues({ data, secrets }),
  })),
  uniqueId: opened.uniqueId,
})

/** Calls a migration. @throws MigrationFailedError if it throws */
function applied<Result>(which: string, step: () => Result): Result {
  try {
    return step()
  } catch (cause) {
    throw new MigrationFailedError('step_failed', `The migration ${which} threw.`, { cause })
  }
}

const PARTS: readonly string[] = ['values', 'options', 'subentries', 'uniqueId']

/** Returns an entry after a migration. A part that the migration left out stays. @throws UnfitError */
function changed(compiled: Compiled, entry: EntryVersion, result: unknown): EntryVersion {
  if (!isPlainObject(result)) throw new UnfitError('', 'The migration did not return a plain object')
  const other = Object.keys(result).find((name) => !PARTS.includes(name))
  if (other !== undefined)
    throw new UnfitError(pointerTo([other]), 'is not one of values, options, subentries and uniqueId')
  const { values, options, subentries, uniqueId } = result
  if (uniqueId !== undefined && uniqueId !== null && !isUniqueId(uniqueId))
    throw new UnfitError('/uniqueId', 'is neither a non-empty text nor null')
  return {
    values: values === undefined ? entry.values : plainObject('values', values),
    options: options === undefined ? entry.options : plainObject('options', options),
    subentries: subentries === undefined ? entry.subentries : subentriesAfter(compiled, entry, subentries),
    uniqueId: uniqueId === undefined ? entry.uniqueId : uniqueId,
  }
}

/** @throws UnfitError */
function plainObject(name: 'values' | 'options', value: unknown): Record<string, never> {
  if (!isPlainObject(value)) throw new UnfitError(`/${name}`, 'is not a plain object')
  return value as Record<string, never>
}

/** Returns the sub-entries that a migration returned. New ones get an id. @throws UnfitError */
function subentriesAfter(
  { subentries: kinds }: Compiled,
  before: EntryVersion,
  list: unknown,
): readonly VersionSubentry[] {
  if (!Array.isArray(list)) throw new UnfitError('/subentries', 'is not a list')
  const ids = new Set(before.subentries.map(({ subentryId }) => subentryId))
  return list.map((item: unknown, index) => {
    const at = (name: string) => pointerTo(['subentries', index, name])
    if (!isPlainObject(item)) throw new UnfitError(pointerTo(['subentries', index]), 'is not a plain object')
    const { subentryId, uniqueId = null, values } = item
    const type = String(item.type)
    const title = titleFrom(item.title, null)
    const { version = kinds.get(type)?.version } = item
    if (title === null) throw new UnfitError(at('title'), 'is not a visible text')
    if (uniqueId !== null && !isUniqueId(uniqueId))
      throw new UnfitError(at('uniqueId'), 'is neither a non-empty text nor null')
    if (!isPlainObject(values)) throw new UnfitError(at('values'), 'is not a plain object')
    if (subentryId !== undefined && !ids.delete(String(subentryId)))
      throw new UnfitError(at('subentryId'), 'is not that of a sub-entry of the entry, or is used twice')
    const id = subentryId === undefined ? newId() : String(subentryId)
    return {
      ...{ subentryId: id, type, title, uniqueId, version: Number(version) },
      values: values as VersionValues,
    }
  })
}

/** Returns the parts of a migrated entry that fit the integration. @throws UnfitError, MigrationFailedError */
function fitting(compiled: Compiled, { values, options, subentries, uniqueId }: EntryVersion): OpenedEntry {
  const { storedForm, storedSchema, steps, integration, version } = compiled
  const stored = fittingValues({ form: storedForm, schema: storedSchema, at: ['values'] }, values)
  const form = steps.get('init')
  const split = splitStoredValues(compiled, stored)
  const own = subentries.map((subentry, index) => fittingSubentry(compiled, subentry, index))
  assertDistinct(own)
  return {
    ...split,
    // An integration without options leaves the stored ones unchanged.
    options:
      form === undefined || integration.options === undefined
        ? (JSON.parse(JSON.stringify(options)) as JsonObject)
        : fittingValues({ form, schema: integration.options, at: ['options'] }, options),
    subentries: withoutSecrets(compiled, own, split.secrets),
    uniqueId,
    version,
  }
}

/** Returns the sub-entries of a migrated entry without its secrets in their titles. */
function withoutSecrets(
  { subentries: kinds }: Compiled,
  subentries: readonly OpenedSubentryVersion[],
  secrets: JsonObject,
): readonly OpenedSubentryVersion[] {
  const shown = new ShownTexts([secrets, ...subentries.map((subentry) => subentry.secrets)].flatMap(textsIn))
  return subentries.map((subentry) => ({
    ...subentry,
    title: shown.title(subentry.title, kinds.get(subentry.type)?.title ?? subentry.type),
  }))
}

/** Migrates a sub-entry to the version of its type. @throws UnfitError, MigrationFailedError */
function fittingSubentry(
  { subentries }: Compiled,
  { values: first, version: oldest, ...subentry }: VersionSubentry,
  index: number,
): OpenedSubentryVersion {
  const { type } = subentry
  const kind = subentries.get(type)
  const path = pointerTo(['subentries', index])
  if (kind === undefined) throw new UnfitError(`${path}/type`, 'is not one of the sub-entry types')
  const { fullForm: form, schema, version, migrations } = kind
  const at = ['subentries', index, 'values']
  if (!(oldest >= 1 && oldest <= version))
    throw new UnfitError(`${path}/version`, 'is not one of the versions')
  let values = first
  for (let from = oldest; from < version; from++) {
    const step = migrations.get(from)
    const which = `of the sub-entry type "${type}" from version ${from}`
    if (step === undefined)
      throw new MigrationFailedError('no_step', `The migration ${which} to ${from + 1} is missing.`, { path })
    const old = values
    values = applied(which, () => step(old))
    if (!isPlainObject(values)) throw new UnfitError(pointerTo(at), 'is not a plain object')
  }
  const { data, secrets } = splitStoredValues(
    { storedForm: form },
    fittingValues({ form, schema, at }, values),
  )
  return { ...subentry, version, data, secrets }
}
