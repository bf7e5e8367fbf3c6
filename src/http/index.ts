export type { Access, Authorize, HandlerOptions, PageFile, PageFiles, Right } from './access.ts'
export { type Handler, latchkeyHandler } from './handler.ts'
export type { Problem } from './problem.ts'
