import type { FormView, MenuView } from '../view.ts'
import type { Host } from './open-host.ts'
import type { PresetValues } from './preset-values.ts'

/** Returns the fields of all pages of options or of a sub-entry; null for other forms. */
function ownFields(
  integration: Host['config']['integrations'][number] | undefined,
  { source, subentry }: FormView | MenuView,
): readonly string[] | null {
  if (source !== 'options' && subentry === undefined) return null
  const asked =
    subentry === undefined ? integration?.options : integration?.subentries?.[subentry.type]?.fields
  return Object.keys(asked?.shape ?? {})
}

/**
 * Checks that all preset values belong to a step of the flow: the current one, or a later one.
 *
 * @throws UsageError if a value does not belong to any step
 */
export function checkPresetValues({ config }: Host, preset: PresetValues, view: FormView | MenuView): void {
  const integration = config.integrations.find(({ domain }) => domain === view.domain)
  const { challenges = {}, methods = {}, pages = {}, choices = {}, fields } = integration ?? {}
  const challengeFields = Object.values(challenges).flatMap((challenge) => Object.keys(challenge.shape))
  const isWholeForm = view.type === 'form' && view.page === undefined
  const methodForms = Object.values(methods).concat(
    fields === undefined ? [] : [{ title: '', pages, choices, fields }],
  )
  const methodFields = methodForms.flatMap((method) => [
    ...Object.keys(method.fields?.shape ?? {}),
    ...Object.keys(method.pages ?? {}),
  ])
  // A field with choices can be on a later page.
  const isOfEntry = view.source !== 'options' && view.subentry === undefined
  const chosen = isOfEntry ? methodForms.flatMap((method) => Object.keys(method.choices ?? {})) : []
  const shown =
    (isWholeForm ? [...new Set([...view.order, ...chosen])] : ownFields(integration, view)) ?? methodFields
  const menus = [
    ...(isWholeForm ? [] : ['pick_method']),
    ...(view.source === 'replace' ? ['replace_confirm'] : []),
  ]
  preset.check(new Set([...shown, ...challengeFields, ...menus]), shown)
}
