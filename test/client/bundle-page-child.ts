// The imports of a page that draws its own forms.
export { createClient, ProblemError } from '../../src/client/index.ts'
