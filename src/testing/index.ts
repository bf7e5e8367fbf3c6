export { SimulatedClock } from 'xstate'
export { FailingStore, fullDisk, type StoreCall } from './failing-store.ts'
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
