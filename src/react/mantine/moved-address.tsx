import type { FormView } from '../../view.ts'
import { useSelected } from '../client-state.ts'
import { useLatchkey } from '../provider.ts'
import { shownValues } from './shown-values.ts'
import type { ComponentTexts } from './use-texts.ts'

/** A proposed address that a form confirms. */
interface Move {
  readonly before: string
  readonly after: string
  /** Keeps the current address. */
  keep(): Promise<unknown>
}

/** The proposed address that this form confirms, or null. */
export function useMove({ source, entryId }: FormView): Move | null {
  const { entries } = useLatchkey()
  const proposal = useSelected(({ attention }) =>
    source !== 'reconfigure' || entryId === null ? undefined : attention.get(entryId)?.proposal,
  )
  if (proposal === undefined || entryId === null) return null
  return {
    before: shownValues(proposal.before),
    after: shownValues(proposal.values),
    keep: () => entries.dismissProposal(entryId).catch(() => {}),
  }
}

/** The current and the proposed address. */
export function MovedAddress({ move, texts }: { readonly move: Move; readonly texts: ComponentTexts }) {
  return (
    <dl className="lk-values" style={{ marginBlockEnd: 16 }}>
      <dt>{texts.t('currentAddress')}</dt>
      <dd>{move.before}</dd>
      <dt>{texts.t('reportedAddress')}</dt>
      <dd style={{ fontWeight: 700 }}>{move.after}</dd>
    </dl>
  )
}
