import { UnreadableRecordError } from '../../errors.ts'
import type { MenuOption } from '../../view.ts'
import type { FoundMenuPage, MenuPage, Page } from '../integrations/pages.ts'
import { stepViewOf } from './flow-charts.ts'
import type { OpenFlow } from './flow-record.ts'

/**
 * Returns the current page of the setup form.
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

/** The options of a menu. */
export const optionsOf = (page: MenuPage | FoundMenuPage, flow: OpenFlow): readonly MenuOption[] =>
  page.kind === 'menu' ? page.options : (flow.context.options as readonly MenuOption[])

/** Whether a submit connects to the service. The input of a page before the last one is only stored. */
export function needsConnection(pages: readonly Page[], flow: OpenFlow): boolean {
  if (stepViewOf(flow).shows !== 'page') return true
  const next = pages[(flow.context.page ?? 0) + 1]
  return next === undefined || next.kind === 'found_menu'
}
