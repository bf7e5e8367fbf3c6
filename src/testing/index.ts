export { SimulatedClock } from 'xstate'
export { type Answer, type ScriptedClient, ScriptedService } from './scripted-service.ts'
export { storeContract } from './store-contract.ts'
