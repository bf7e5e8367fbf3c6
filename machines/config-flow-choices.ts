import type { ConfigFlowContext } from './config-flow-types.ts'

/** The work that loads the choices of the current page. */
export const findChoices = {
  id: 'findChoices',
  src: 'findChoices',
  input: ({ context }: { context: ConfigFlowContext }) => ({
    flowId: context.flowId,
    page: context.page,
    draft: context.draft,
    values: context.values,
    subentry: context.subentry,
  }),
} as const
