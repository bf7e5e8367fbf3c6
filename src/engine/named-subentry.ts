import type { CheckSubentryResult } from '../../machines/subentry-result.ts'
import type { SubentryName, SubentryRefused } from '../subentry.ts'
import { titleFrom } from '../title.ts'
import { isUniqueId } from '../unique-id.ts'
import type { CompiledSubentry } from './compile-subentries.ts'

type Answered = Extract<CheckSubentryResult, { type: 'named' | 'refused' }>

/** What an integration's `name` or `check` says, read: how a thing is called, or why it cannot be taken. */
export function namedSubentry(
  { type, title, whole }: CompiledSubentry,
  answer: SubentryName | SubentryRefused | undefined,
): Answered {
  if (typeof answer !== 'object' || answer === null) throw new Error(`The sub-entry ${type} was not named.`)
  if ('error' in answer) {
    const code = /^[a-z][a-z_]{0,63}$/.test(answer.error) ? answer.error : 'invalid'
    const { field = '' } = answer
    return { type: 'refused', errors: { [whole.order.includes(field) ? `/${field}` : 'base']: { code } } }
  }
  const { uniqueId = null } = answer
  if (uniqueId !== null && !isUniqueId(uniqueId)) {
    throw new Error(
      `The sub-entry ${type} has no unique id: a string that is not empty, or null where there is none.`,
    )
  }
  return { type: 'named', named: { title: titleFrom(answer.title, title), uniqueId } }
}
