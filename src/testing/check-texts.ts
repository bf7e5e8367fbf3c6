import type { AnyIntegration } from '../authoring/integration.ts'
import { compileMethods } from '../engine/integrations/compile.ts'
import { type TextProblem, textProblems } from '../engine/integrations/text-problems.ts'

/**
 * Returns all problems with the texts of an integration: missing and unknown keys, wrong placeholders, invalid
 * messages. `createLatchkey` throws for the first of them. Home Assistant: `hassfest translations`.
 *
 * @throws IntegrationError if the definition of the integration is invalid
 * @example
 * ```ts
 * import { strict as assert } from 'node:assert'
 * import { checkTexts } from 'latchkey/testing'
 * import { myHub } from './my-hub.ts'
 *
 * assert.deepEqual(checkTexts(myHub), [])
 * ```
 */
export const checkTexts = (integration: AnyIntegration): readonly TextProblem[] =>
  textProblems(compileMethods(integration))
