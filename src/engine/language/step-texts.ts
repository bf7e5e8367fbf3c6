import { SOURCE_LANGUAGE, widened } from '../../texts/languages.ts'
import type { Translator } from '../../texts/translator.ts'
import type {
  DeviceView,
  ExternalView,
  FormSchema,
  FormView,
  MenuView,
  ViewError,
  Wordless,
} from '../../view.ts'
import type { Compiled } from '../integrations/compiled.ts'
import { isOwnCode } from '../integrations/own-codes.ts'

/** Values of placeholders. */
export type Placeholders = Readonly<Record<string, string>>

/** Returns texts with the placeholders of one view. */
export interface Texts {
  /** Returns the text of the first key that has one; undefined if none has. */
  find(...keys: string[]): string | undefined
  /** Returns the text of the first key that has one. At least one key must be a standard one. */
  text(...keys: string[]): string
  /** Returns an error with its texts. */
  error(error: Wordless<FormView>['errors'][string]): ViewError
}

/** The placeholders that texts select by `none` if they have no value. */
export const NO_VALUES: Placeholders = Object.fromEntries(
  ['account', 'existing', 'expected', 'found', 'message', 'ref', 'secret', 'when'].map((name) => [
    name,
    'none',
  ]),
)

/** The parameters of an error that texts select by `none` if they have no value. */
const NO_PARAMS: Placeholders = {
  ...NO_VALUES,
  example: 'none',
  limit: '',
  type: 'none',
  seconds: '0',
  minutes: '0',
}

/** Returns the texts of a view. `unknownCode` is called with an error code that has no text. */
export function textsOf(
  translator: Translator,
  compiled: Compiled | undefined,
  placeholders: Placeholders,
  unknownCode: (code: string) => void,
): Texts {
  const values = { ...NO_VALUES, ...placeholders }
  return {
    find: (...keys) => translator.find(keys, values),
    text: (...keys) => translator.text(keys, values),
    error(error) {
      const { code, params, retryAfter, ref } = error
      const own = {
        ...NO_PARAMS,
        ...values,
        ...params,
        ...(retryAfter !== undefined && { seconds: retryAfter, minutes: minutesIn(retryAfter) }),
        ...(ref !== undefined && { ref }),
      }
      const translated = translator.find([`error.${code}`], own)
      // A schema of the integration can have a text for one of Latchkey's codes.
      const known = isOwnCode(code) ? (translated ?? params?.message) : (params?.message ?? translated)
      if (known === undefined) unknownCode(code)
      const text = known === undefined ? translator.text(['error.invalid'], own) : String(known)
      // A form has no button to switch the account.
      const advice = translator.find([`advice.${code}`], { ...own, found: 'none' })
      const docs = error.docs ?? compiled?.listing.helpUrls.get(code)
      return { ...error, text, ...(advice !== undefined && { advice }), ...(docs !== undefined && { docs }) }
    },
  }
}

/** Returns a long time in minutes, rounded up; 0 for a time that reads better in seconds. */
const minutesIn = (seconds: number): number => (seconds < 100 ? 0 : Math.ceil(seconds / 60))

/**
 * Returns the label of the one secret that a form asks for, as it reads inside of a sentence; undefined if the form has
 * none or several.
 */
export function secretIn({ properties }: FormSchema, language: string): string | undefined {
  const secrets = Object.values(properties).filter(({ writeOnly }) => writeOnly === true)
  const title = secrets.length === 1 ? secrets[0]?.title : undefined
  // Only the English sentences continue with the label. The others quote it, so it stays as it is in the form.
  const isInside = widened(language).includes(SOURCE_LANGUAGE)
  const isPlain = title !== undefined && isInside && /^\p{Lu}(?!\p{Lu})/u.test(title)
  return isPlain ? title.charAt(0).toLocaleLowerCase(language) + title.slice(1) : title
}

/** Returns the name of a step in the keys of texts: the integration's name for it, if it has one. */
export const idOf = (
  view: Pick<FormView, 'subentry' | 'step'> & Partial<Pick<FormView, 'challenge' | 'page'>>,
): string => view.challenge ?? view.page ?? view.subentry?.type ?? view.step

/** Returns the title and description of a step, and its errors with texts. */
export function stepOf(texts: Texts, view: Wordless<FormView | MenuView | ExternalView | DeviceView>) {
  const title = texts.find(`step.${idOf(view)}.title`)
  const description = descriptionOf(texts, view)
  const errors: Record<string, ViewError> = {}
  for (const [pointer, error] of Object.entries(view.errors)) errors[pointer] = texts.error(error)
  return { ...(title !== undefined && { title }), ...(description !== undefined && { description }), errors }
}

function descriptionOf(
  { find, text }: Texts,
  view: Wordless<FormView | MenuView | ExternalView | DeviceView>,
): string | undefined {
  const { step, why, placeholders } = view
  const isExpected = step === 'reauth_confirm' && why !== undefined && why !== 'invalid_auth'
  const instead = isExpected ? why : placeholders.moved === undefined ? null : 'moved'
  const keys = [`step.${idOf(view)}.description`, `step.${step}.description`]
  const description = find(...(instead === null ? [] : [`step.${step}.${instead}`]), ...keys)
  const names = view.type === 'external' && view.account !== undefined
  return names ? [description, text('step.authorize.as')].join(' ') : description
}

/** Returns the keys of the label of a form's button. */
export function submitKeys(view: Wordless<FormView>): string[] {
  const { lastStep, source, step } = view
  if (!lastStep) return ['submit.next']
  if (source === 'reauth') return ['submit.reauth', 'submit.last']
  const isNew = (source === 'user' || source === 'discovery') && step !== 'repair_confirm'
  return isNew ? ['submit.user', 'submit.last'] : ['submit.last']
}
