import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from '@jest/globals'
import { transit } from '../../examples/ports/account-with-subentries.ts'
import { transitWorld } from '../../examples/ports/account-with-subentries-service.ts'
import { lamp } from '../../examples/ports/discovered-device.ts'
import { lampWorld } from '../../examples/ports/discovered-device-service.ts'
import { router } from '../../examples/ports/host-and-password.ts'
import { routerWorld } from '../../examples/ports/host-and-password-service.ts'
import { music } from '../../examples/ports/oauth.ts'
import { musicWorld } from '../../examples/ports/oauth-service.ts'
import { doorbell } from '../../examples/ports/one-time-code.ts'
import { doorbellWorld } from '../../examples/ports/one-time-code-service.ts'
import { solar } from '../../examples/ports/token-and-site.ts'
import { solarWorld } from '../../examples/ports/token-and-site-service.ts'
import type { View } from '../../src/index.ts'
import { describeIntegration } from '../../src/testing/index.ts'
import { NEW } from '../../src/testing/integration-path.ts'
import { IntegrationPlayer } from '../../src/testing/integration-player.ts'

describeIntegration(router, routerWorld, { describe, it })
describeIntegration(doorbell, doorbellWorld, { describe, it })
describeIntegration(solar, solarWorld, { describe, it })
describeIntegration(music, musicWorld, { describe, it })
describeIntegration(lamp, lampWorld, { describe, it })
describeIntegration(transit, transitWorld, { describe, it })

const root = join(import.meta.dirname, '../..')

/** Runs a program with this Node, without the settings of jest. @returns its output */
async function outputOf(...program: string[]): Promise<string> {
  const { NODE_OPTIONS: _, NODE_TEST_CONTEXT: __, NODE_ENV: ___, ...env } = process.env
  const options = { env, cwd: root }
  const { stdout } = await promisify(execFile)(process.execPath, program, options)
  return stdout
}

describe('describeIntegration', () => {
  const runners = 'examples/ports/runners'

  it('runs under node:test', async () => {
    const output = await outputOf('--test', '--test-reporter=tap', `${runners}/node-test.ts`)
    expect(output).toMatch(/# fail 0/)
    expect(Number(/# pass (\d+)/.exec(output)?.[1])).toBeGreaterThan(10)
  })

  it('runs under vitest', async () => {
    const vitest = 'node_modules/vitest/vitest.mjs'
    const output = await outputOf(vitest, 'run', '--dir', runners, '--reporter=tap-flat')
    expect(output).not.toMatch(/^not ok/m)
    expect(output.match(/^ok /gm)?.length).toBeGreaterThan(10)
  })
})

describe('the refusals of the ports', () => {
  const textsOf = (view: View) => ('errors' in view ? Object.values(view.errors).map(({ text }) => text) : [])

  it('explain that the sessions of the router are in use', async () => {
    const service = await routerWorld.start()
    const player = new IntegrationPlayer(router, service)
    await player.restart()
    const view = await player.walk(await player.start(NEW), { password: 'crowded-house' })
    expect(textsOf(view)).toEqual(['All sessions are in use. Sign out in another app.'])
    await player.stop()
    await service.stop()
  })

  it('explain that the code of the doorbell has expired', async () => {
    const service = await doorbellWorld.start()
    const player = new IntegrationPlayer(doorbell, { ...service, challenge: { otp: { code: '000000' } } })
    await player.restart()
    const view = await player.walk(await player.start(NEW))
    expect(textsOf(view)).toEqual(['This code has expired. You have received a new one.'])
    await player.stop()
    await service.stop()
  })
})

const folder = join(root, 'examples/ports')
const ports = readdirSync(folder).filter((file) => file.endsWith('.ts') && !file.endsWith('service.ts'))

describe('the ports', () => {
  it('are six', () => {
    expect(ports).toHaveLength(6)
  })

  it.each(ports)('have a screen of code: %s', (file) => {
    const lines = readFileSync(join(folder, file), 'utf8').trimEnd().split('\n')
    expect(lines.length).toBeLessThanOrEqual(file === 'account-with-subentries.ts' ? 60 : 40)
  })

  it.each(ports)('use only the public API: %s', (file) => {
    const source = readFileSync(join(folder, file), 'utf8')
    const imported = [...source.matchAll(/from '(.*)'/g)].map(([, name]) => name)
    const allowed = ['zod', '../../src/index.ts', '../../src/oauth/index.ts']
    expect(imported.filter((name = '') => !allowed.includes(name))).toEqual([])
  })
})
