import type { ConfigFlowEvent } from '../../machines/config-flow-events.ts'
import type { FormErrorCode } from '../../machines/config-flow-setup.ts'
import type { Submission } from './flow-input.ts'

/** An answer as the machine takes it. */
export type Answer = Extract<ConfigFlowEvent, { type: 'submit' | 'choose' | 'reject' | 'authorized' }>

/** What a person answered, read: an answer, or what is wrong with it. */
export const answered = (type: 'submit' | 'choose', read: Submission): Answer =>
  read.type === 'invalid'
    ? { type: 'reject', errors: read.errors, values: read.values }
    : { type, draft: read.draft, values: read.values }

/** What is shown in place of an answer that may not be tried yet. */
export const heldBack = (answer: Answer, error: FormErrorCode): ConfigFlowEvent =>
  answer.type === 'authorized'
    ? { type: 'refused', error }
    : { type: 'reject', errors: { base: error }, values: answer.values }
