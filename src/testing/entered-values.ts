import type { FormView } from '../view.ts'
import type { EnteredValues, StandingService } from './integration-world.ts'

/** Returns the world's values for a form: the values of `good`, or the answer to a challenge. */
export function valuesAt(
  view: FormView,
  differing: EnteredValues,
  { good, challenge = {} }: Pick<StandingService, 'good' | 'challenge'>,
): EnteredValues {
  const { source, challenge: name, values } = view
  if (source === 'options' || source === 'subentry') return { ...values, ...differing }
  const entered = { ...good, ...(name === undefined ? differing : challenge[name]) }
  return { ...onlyChoices(view), ...entered, ...chosenOn(view, { ...good.choices, ...differing.choices }) }
}

/** Returns the world's choice for a page with one field. */
function chosenOn({ page, order }: FormView, choices: Readonly<Record<string, string>>): EnteredValues {
  const [field] = order
  const choice = page === undefined ? undefined : choices[page]
  return choice === undefined || field === undefined || order.length > 1 ? {} : { [field]: choice }
}

/** Returns the values of the fields with a single choice. */
function onlyChoices({ order, schema }: FormView): EnteredValues {
  const chosen: Record<string, unknown> = {}
  for (const field of order) {
    const choices = schema.properties[field]?.oneOf
    const [first, ...others] = Array.isArray(choices)
      ? (choices as readonly { readonly const?: unknown }[])
      : []
    if (first !== undefined && others.length === 0) chosen[field] = first.const
  }
  return chosen
}
