import type { FormView, MenuView } from '../view.ts'
import type { Host } from './open-host.ts'
import type { PresetValues } from './preset-values.ts'

/**
 * Checks that all preset values belong to a step of the flow: the current one, or a later one.
 *
 * @throws UsageError if a value does not belong to any step
 */
export function checkPresetValues({ config }: Host, preset: PresetValues, view: FormView | MenuView): void {
  const integration = config.integrations.find(({ domain }) => domain === view.domain)
  const { challenges = {}, methods = {}, pages = {}, fields } = integration ?? {}
  const challengeFields = Object.values(challenges).flatMap((challenge) => Object.keys(challenge.shape))
  const isWholeForm = view.type === 'form' && view.page === undefined
  const methodForms = Object.values(methods).concat(
    fields === undefined ? [] : [{ title: '', pages, fields }],
  )
  const methodFields = methodForms.flatMap((method) => [
    ...Object.keys(method.fields?.shape ?? {}),
    ...Object.keys(method.pages ?? {}),
  ])
  const shown = isWholeForm ? view.order : methodFields
  const menus = [
    ...(isWholeForm ? [] : ['pick_method']),
    ...(view.source === 'replace' ? ['replace_confirm'] : []),
  ]
  preset.check(new Set([...shown, ...challengeFields, ...menus]), shown)
}
