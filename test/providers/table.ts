import type { Documented } from '../../examples/providers/documented.ts'
import * as providers from '../../src/providers/index.ts'
import { type Outcome, play, type Step, steps } from './conformance.ts'
import { documentedServices } from './documented-services.ts'

const headings: Readonly<Record<Step, string>> = {
  link: 'link',
  refresh: 'refresh',
  revoked: 'revoked',
  wrongAccount: 'wrong account',
  cancel: 'cancel',
  device: 'device code',
  removal: 'removal',
}

const cells: Readonly<Record<Outcome, string>> = { conforms: 'yes', absent: '–' }

const played = new Map<string, Promise<Outcome>>()

/** Plays a step once, and returns its outcome. @throws Error if the outcome differs from the documentation */
export function outcomeOf(documented: Documented, step: Step): Promise<Outcome> {
  const key = `${documented.provider} ${step}`
  const outcome = played.get(key) ?? play(documented, step)
  played.set(key, outcome)
  return outcome
}

/** Returns the facts about a service. */
export function factsOf({ provider }: Pick<Documented, 'provider'>): providers.ServiceFacts {
  const found = Object.entries(providers).find(([name]) => name === provider)
  if (found === undefined) throw new Error(`latchkey/providers does not export ${provider}.`)
  return found[1].facts
}

/** Returns the table of the guide: the outcome of each step of each service. */
export async function providersTable(): Promise<string> {
  const rows = await Promise.all(documentedServices.map(rowOf))
  const names = ['Function', ...steps.map((step) => headings[step]), 'Not in the documentation']
  return [lineOf(names), lineOf(names.map(() => '---')), ...rows].join('\n')
}

async function rowOf(documented: Documented): Promise<string> {
  const outcomes = await Promise.all(steps.map((step) => outcomeOf(documented, step)))
  const { docs, unverified } = factsOf(documented)
  const name = `[\`${documented.provider}\`](${docs})`
  return lineOf([name, ...outcomes.map((outcome) => cells[outcome]), unverified.join(', ')])
}

const lineOf = (values: readonly string[]): string => `| ${values.join(' | ')} |`

/** Returns the guide with the given table. */
export function withProviders(guide: string, table: string): string {
  return guide.replace(
    /<!-- providers -->[\s\S]*<!-- \/providers -->/,
    () => `<!-- providers -->\n${table}\n<!-- /providers -->`,
  )
}
