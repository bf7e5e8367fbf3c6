/** The end of a flow, as a write saves it together with its changes. */
export interface FlowEnd {
  readonly type: 'create_entry' | 'abort'
  /** The reason of an abort; `null` if the flow has created an entry or a sub-entry. */
  readonly reason: string | null
  /** Whether the flow has succeeded. An abort can be a success. */
  readonly success: boolean
}
