import type { FormView, MenuView } from '../view.ts'
import type { Given } from './given-values.ts'
import type { Host } from './open-host.ts'

/**
 * Whether what was given belongs to a step of the flow: the one that it shows, or one that may follow.
 *
 * @throws UsageError
 */
export function checkGiven({ config }: Host, given: Given, view: FormView | MenuView): void {
  const integration = config.integrations.find(({ domain }) => domain === view.domain)
  const { challenges = {}, methods = {}, pages = {}, fields } = integration ?? {}
  const later = Object.values(challenges).flatMap((challenge) => Object.keys(challenge.shape))
  const isWhole = view.type === 'form' && view.page === undefined
  const ways = Object.values(methods).concat(fields === undefined ? [] : [{ title: '', pages, fields }])
  const fieldsOfWays = ways.flatMap((way) => [
    ...Object.keys(way.fields?.shape ?? {}),
    ...Object.keys(way.pages ?? {}),
  ])
  const shown = isWhole ? view.order : fieldsOfWays
  const menus = [
    ...(isWhole ? [] : ['pick_method']),
    ...(view.source === 'replace' ? ['replace_confirm'] : []),
  ]
  given.check(new Set([...shown, ...later, ...menus]), shown)
}
