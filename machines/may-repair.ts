import type { ConfigFlowSource } from './config-flow-types.ts'
import type { LinkedEntry } from './flow-result.ts'

/**
 * Whether a flow may give its verified credential to the entry that the account already has: only a user or an import,
 * and only if the entry needs one. An entry that works, is disabled or is ignored is never written.
 */
export const mayRepair = (source: ConfigFlowSource, linked: LinkedEntry | null): linked is LinkedEntry =>
  (source === 'user' || source === 'import') &&
  linked !== null &&
  linked.needsReauth &&
  !linked.disabled &&
  !linked.ignored
