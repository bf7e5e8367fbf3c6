import { useEffect } from 'react'
import type { View } from '../../client/index.ts'
import { useSelected } from '../client-state.ts'
import { useLatchkey } from '../provider.ts'
import type { FlowService } from './step-frame.tsx'

/** The service of a flow. `given` replaces the list of integrations, which a repair link may not read. */
export function useService(view: View | null, given: Partial<FlowService> | undefined): FlowService {
  const { integrations } = useLatchkey()
  const isGiven = given !== undefined
  useEffect(() => (isGiven ? undefined : integrations.watch()), [integrations, isGiven])
  const known = useSelected((state) =>
    isGiven ? undefined : state.integrations?.find(({ domain }) => domain === view?.domain),
  )
  const service = given ?? known
  return {
    ...service,
    title: view?.service ?? service?.title ?? view?.placeholders.name ?? view?.domain ?? '',
  }
}
