import type { AnyIntegration } from '../authoring/integration.ts'
import { compileMethods } from '../engine/integrations/compile.ts'
import { type TextProblem, textProblems } from '../engine/integrations/text-problems.ts'

/**
 * All that is wrong with the texts of an integration: keys that are missing or too many, placeholders, broken messages.
 * `createLatchkey` refuses an integration for the first of them. Home Assistant: `hassfest translations`.
 *
 * @throws IntegrationError where the integration contradicts itself otherwise
 */
export const checkTexts = (integration: AnyIntegration): readonly TextProblem[] =>
  textProblems(compileMethods(integration))
