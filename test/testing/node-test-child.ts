import { describe, it } from 'node:test'
import { describeIntegration } from '../../src/testing/index.ts'
import { lamp } from './devices.ts'

const { integration, world } = lamp()
describeIntegration(integration, world, { describe, it })
