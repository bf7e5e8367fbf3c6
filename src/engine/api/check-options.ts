import { ConfigurationError } from '../../errors.ts'
import type { LatchkeyOptions } from './latchkey.ts'

/**
 * Checks the parts of the options that a program without types can get wrong, or that an import cycle leaves undefined.
 *
 * @throws ConfigurationError
 */
export function checkOptions(options: LatchkeyOptions): void {
  const { integrations, store, log } = Object(options) as Partial<LatchkeyOptions>
  if (!Array.isArray(integrations)) {
    throw new ConfigurationError('Invalid integrations. Pass a list, for example integrations: [myHub].')
  }
  const missing = integrations.findIndex((integration) => !integration)
  if (missing >= 0) {
    throw new ConfigurationError(
      `integrations[${missing}] is ${integrations[missing]}. Check its import: modules that import each other can see it too early.`,
    )
  }
  if (!has(store, 'open', 'apply')) {
    throw new ConfigurationError(
      'Invalid store. Pass memoryStore() or, for example, sqliteStore("latchkey.db").',
    )
  }
  if (log !== undefined && !has(log, 'info', 'warn', 'error')) {
    throw new ConfigurationError('Invalid log. Pass console, or an object with info, warn and error.')
  }
}

const has = (value: unknown, ...methods: readonly string[]): boolean =>
  methods.every((method) => typeof Object(value)[method] === 'function')
