export { SimulatedClock } from 'xstate'
export type { TextProblem } from '../engine/text-problems.ts'
export { checkTexts } from './check-texts.ts'
export { describeIntegration } from './describe-integration.ts'
export { FailingStore, fullDisk, type StoreCall } from './failing-store.ts'
export type { EnteredValues, IntegrationWorld, StandingService, TestFrame } from './integration-world.ts'
export { type Answer, type ScriptedClient, ScriptedService } from './scripted-service.ts'
export { storeContract } from './store-contract.ts'
export {
  configEntryStories,
  configFlowStories,
  type Story,
  type StoryRest,
  type StoryStep,
  type StoryTurn,
} from './stories.ts'
