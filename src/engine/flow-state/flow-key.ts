/** The scope and id of a flow. */
export interface FlowName {
  readonly scope: string
  readonly flowId: string
}

/** A flow as one text. */
export const flowKey = ({ scope, flowId }: FlowName): string => `${scope}\n${flowId}`
