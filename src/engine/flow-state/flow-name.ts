/** The scope and id of a flow. */
export interface FlowName {
  readonly scope: string
  readonly flowId: string
}

/** Returns the key of a flow in a map. */
export const flowKey = ({ scope, flowId }: FlowName): string => `${scope}\n${flowId}`
