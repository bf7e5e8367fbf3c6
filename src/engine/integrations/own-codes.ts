import { en } from '../../texts/en.ts'
import type { Compiled } from './compiled.ts'
import { methodVariants } from './compiled.ts'

/** A code that an integration chooses. */
const CODE = /^[a-z][a-z0-9_]{0,39}$/

/** The codes of Latchkey: of errors, results and attention items. */
const STANDARD: ReadonlySet<string> = new Set([en.error, en.abort, en.attention].flatMap(Object.keys))

/** Whether an integration may use this code: it is well-formed, and not one of Latchkey's. */
export const isOwnCode = (code: unknown): code is string =>
  typeof code === 'string' && CODE.test(code) && !STANDARD.has(code)

/** Whether a form of the integration has this field. */
export const hasField = (compiled: Compiled, field: string): boolean =>
  methodVariants(compiled).some(({ fullForm, storedForm, challenges, subentries }) =>
    [
      fullForm,
      storedForm,
      ...challenges.values(),
      ...[...subentries.values()].map((type) => type.fullForm),
    ].some(({ order }) => order.includes(field)),
  )
