import type { FoundChoice } from '../../../machines/flow-result.ts'
import { UnreadableRecordError } from '../../errors.ts'
import type { Form } from '../../form.ts'
import type { Compiled } from '../integrations/compiled.ts'
import type { FormPage, Page } from '../integrations/pages.ts'
import { stepViewOf } from './flow-charts.ts'
import { ANY_FIELD, type OpenFlow } from './flow-record.ts'

/** The first step of the flows of an entry, by source. */
export const firstSteps: Readonly<Record<string, string>> = {
  reauth: 'reauth_confirm',
  reconfigure: 'reconfigure',
  replace: 'replace',
  options: 'init',
}

/** The parts of a flow that decide which form it shows. */
interface Shows {
  readonly source: string
  readonly context: Pick<OpenFlow['context'], 'subentry'>
}

/** Returns the pages of the form that a flow shows; none if its integration no longer has the form. */
export function pagesOf(compiled: Compiled, { source, context }: Shows): readonly Page[] {
  const { subentry } = context
  if (subentry !== undefined) {
    const kind = compiled.subentries.get(subentry.type)
    return (subentry.revision === null ? kind?.fullPages : kind?.editPages) ?? []
  }
  const step = firstSteps[source]
  return step === undefined ? compiled.pages : (compiled.stepPages.get(step) ?? [])
}

/**
 * Returns the current page of the setup.
 *
 * @throws UnreadableRecordError if the integration no longer has it
 */
export function pageOf<Kind extends Page['kind']>(
  pages: readonly Page[],
  flow: OpenFlow,
  ...kinds: readonly Kind[]
): Extract<Page, { kind: Kind }> {
  const page = pages[flow.context.page ?? 0]
  if (page === undefined || !isOf(page, kinds)) {
    throw new UnreadableRecordError('flow', flow.flowId, 'Its integration no longer has this page.')
  }
  return page
}

const isOf = <Kind extends Page['kind']>(
  page: Page,
  kinds: readonly Kind[],
): page is Extract<Page, { kind: Kind }> => kinds.some((kind) => kind === page.kind)

/** Returns the pages of a form without the sign-in among them. */
export const formPagesOf = (pages: readonly Page[]): readonly FormPage[] =>
  pages.filter((page): page is FormPage => page.kind === 'form' || page.kind === 'found_form')

/** Whether a flow waits for a choice after a sign-in. Its draft then has the granted values. */
export function followsSignIn(compiled: Compiled, flow: OpenFlow): boolean {
  const page = pagesOf(compiled, flow)[flow.context.page ?? 0]
  return page !== undefined && 'isSelection' in page
}

/** Returns the current page with fields. @throws UnreadableRecordError if the integration no longer has it */
export const formPageOf = (compiled: Compiled, flow: OpenFlow): FormPage =>
  pageOf(pagesOf(compiled, flow), flow, 'form', 'found_form') as FormPage

/** Whether the current step shows a page of the form, and not a challenge or a confirmation. */
export function showsPage(flow: OpenFlow): boolean {
  const { view, shows } = stepViewOf(flow)
  return view === 'form' && shows !== 'challenge' && shows !== 'confirmation'
}

/**
 * Returns the choices of the fields of the current page. A stored value is a choice, also if the service no longer offers
 * it, or if the service has not provided its choices.
 */
export function choicesOf(
  { choices }: Form,
  { context }: OpenFlow,
): ReadonlyMap<string, readonly FoundChoice[]> {
  const found = context.choices?.[String(context.page ?? 0)] ?? {}
  const chosen = context.entry?.chosen ?? {}
  return new Map(
    [...choices].map(([field, list]) => {
      const offered = (list ?? found[field] ?? found[ANY_FIELD] ?? []) as readonly FoundChoice[]
      const value = chosen[field]
      const isMissing = value !== undefined && !offered.some((choice) => choice.value === value)
      return [field, isMissing ? [...offered, { value, label: String(value) }] : offered]
    }),
  )
}

/** Whether a submit contacts the service. The input of a page before the last one is only stored. */
export function needsConnection(compiled: Compiled, flow: OpenFlow): boolean {
  if (!showsPage(flow)) return true
  const next = pagesOf(compiled, flow)[(flow.context.page ?? 0) + 1]
  return next === undefined || next.kind === 'found_form'
}
