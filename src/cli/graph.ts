import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  authorizationCodeMachine,
  configEntryMachine,
  configFlowMachine,
  deviceCodeMachine,
  optionsFlowMachine,
  subentryFlowMachine,
  tokenMachine,
  webhookDeliveryMachine,
  webhookReceiverMachine,
} from '../../machines/index.ts'
import { mermaidOf } from '../diagrams/mermaid.ts'
import type { CommonOptions, Outcome } from './command.ts'
import { UsageError } from './errors.ts'
import { EXIT } from './exit-codes.ts'
import { packageRoot } from './package-root.ts'

const machines = {
  'config-flow': configFlowMachine,
  'options-flow': optionsFlowMachine,
  'subentry-flow': subentryFlowMachine,
  'config-entry': configEntryMachine,
  'authorization-code': authorizationCodeMachine,
  'device-code': deviceCodeMachine,
  token: tokenMachine,
  'webhook-receiver': webhookReceiverMachine,
  'webhook-delivery': webhookDeliveryMachine,
}

/** The names of the machines. */
export const machineNames = Object.keys(machines)

/** The output formats. */
export const formats = ['mermaid', 'svg']

export interface GraphOptions extends CommonOptions {
  readonly format: string
}

/** `latchkey graph`: prints a statechart as Mermaid or SVG. */
export async function graph({ format }: GraphOptions, machine: string): Promise<Outcome> {
  if (!isMachine(machine))
    throw new UsageError(`Unknown machine. Available machines: ${machineNames.join(', ')}.`)
  const diagram = format === 'svg' ? await picture(machine) : mermaidOf(machines[machine])
  return { exit: EXIT.done, document: { machine, format, diagram }, text: diagram.trimEnd() }
}

const isMachine = (name: string): name is keyof typeof machines => Object.hasOwn(machines, name)

/** Returns the SVG file of the package. Drawing one needs a library that is not a dependency. */
const picture = (machine: keyof typeof machines): Promise<string> =>
  readFile(join(packageRoot(), 'machines', `${machine}.svg`), 'utf8')
