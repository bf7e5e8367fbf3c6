import { describe, it } from 'node:test'
import { describeIntegration } from '../../../src/testing/index.ts'
import { lamp } from '../discovered-device.ts'
import { lampWorld } from '../discovered-device-service.ts'

describeIntegration(lamp, lampWorld, { describe, it })
