import type { ConfigFlowInput } from './config-flow-input.ts'
import type { ConfigFlowContext } from './config-flow-types.ts'
import type { Methods } from './methods.ts'

/** The methods of a new flow. If there is only one, it is selected. */
export function initialMethod(
  methods: Methods = { '': ['form'] },
): Pick<ConfigFlowContext, 'methods' | 'method'> {
  const [first, ...others] = Object.keys(methods)
  return { methods, method: first === undefined || others.length > 0 ? null : first }
}

/** The context of a new flow. */
export const initialContext = (input: ConfigFlowInput): ConfigFlowContext => ({
  flowId: input.flowId,
  source: input.source,
  entryId: input.entryId,
  onAccountMismatch: input.onAccountMismatch ?? 'abort',
  adopts: input.adopts ?? true,
  adoptsIdentity: input.adoptsIdentity ?? false,
  singleInstance: input.singleInstance ?? false,
  found: input.found ?? null,
  ...initialMethod(input.methods),
  ...(input.method !== undefined && { method: input.method }),
  entryPages: input.entryPages ?? {},
  page: 0,
  choices: {},
  entry: null,
  values: input.values ?? {},
  errors: {},
  challenge: null,
  draft: input.draft ?? null,
  connection: null,
  uniqueId: null,
  ...input.verified,
  subentry: input.subentry === undefined ? null : { ...input.subentry, revision: null },
  named: null,
  reason: null,
  success: false,
})
