import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import { runTerminal } from '../../examples/home-hub/terminal.ts'
import { Robot } from './robot.ts'

const folder = mkdtempSync(join(tmpdir(), 'home-hub-'))
const opened: { abort: AbortController; done: Promise<unknown> }[] = []
afterAll(async () => {
  // After a failed test its terminal may still run.
  for (const { abort } of opened) abort.abort()
  await Promise.allSettled(opened.map(({ done }) => done))
  rmSync(folder, { recursive: true })
})

const CTRL_C = '\u0003'
const ADD = 0
const LIST = 1
const READ = 2
const PASSWORD = 3
const STOP = 4
const REAUTHENTICATE = 6
const RELOAD = 8
const QUIT = 12

function open(database: string) {
  const robot = new Robot()
  const abort = new AbortController()
  const done = runTerminal(join(folder, database), {
    input: robot.input,
    output: robot.output,
    signal: abort.signal,
  })
  opened.push({ abort, done })
  return { robot, abort, done }
}

async function address(robot: Robot): Promise<string> {
  await robot.sees('The broker listens at ')
  await robot.sees('. Connecting')
  return /listens at (\S+)\. Connecting/.exec(robot.shown)?.[1] ?? ''
}

describe('runTerminal', () => {
  it('links an account, repairs it, and restores everything after a restart', async () => {
    const { robot, done } = open('kept.db')
    const at = await address(robot)
    await robot.chooses('What next?', ADD)
    await robot.answers('Address', at)
    await robot.answers('User name', 'alice')
    await robot.answers('Password', 'mistyped')
    await robot.sees('The broker rejected the user name or the password.')
    await robot.answers('Address', '')
    await robot.answers('User name', '')
    await robot.answers('Password', 'latchkey')
    await robot.sees('The account was linked')
    await robot.chooses('What next?', READ)
    await robot.chooses('Which entry?', 0)
    await robot.sees('alice: 21.5 °C')
    await robot.chooses('What next?', PASSWORD)
    await robot.chooses('Whose?', 0)
    await robot.answers('New password', 'brand new')
    await robot.chooses('What next?', RELOAD)
    await robot.chooses('Which entry?', 0)
    await robot.sees('alice: reauth_required, invalid_auth')
    await robot.sees('alice: invalid_auth, a form is waiting')
    await robot.chooses('What next?', QUIT)
    await done

    const again = open('kept.db')
    expect(await address(again.robot)).toBe(at)
    await again.robot.sees('alice: invalid_auth, a form is waiting')
    await again.robot.chooses('What next?', REAUTHENTICATE)
    await again.robot.chooses('Which entry?', 0)
    await again.robot.answers('User name', '')
    await again.robot.answers('Password', 'brand new')
    await again.robot.sees('MQTT account is connected again. The entry is loaded.')
    await again.robot.chooses('What next?', LIST)
    await again.robot.sees('alice: loaded')
    again.robot.type(CTRL_C)
    await again.done
    await again.robot.sees('All entries are saved.')

    for (const { shown } of [robot, again.robot]) expect(shown).not.toMatch(/mistyped|brand new/)
    for (const name of readdirSync(folder).filter((file) => !file.endsWith('.json'))) {
      expect(readFileSync(join(folder, name)).includes('brand new')).toBe(false)
    }
  })

  it('cancels a form with Ctrl-C, and cancels its flow', async () => {
    const { robot, done } = open('cancelled.db')
    await robot.chooses('What next?', ADD)
    await robot.answers('Address', '127.0.0.1:1883')
    await robot.sees('User name')
    robot.type(CTRL_C)
    await robot.sees('Cancelled. Nothing was changed.')
    await robot.chooses('What next?', LIST)
    await robot.sees('No entries.')
    await robot.sees('What next?')
    robot.type(CTRL_C)
    await done
  })

  it('shows cannot_connect if the broker is stopped', async () => {
    const { robot, done } = open('stopped.db')
    const at = await address(robot)
    await robot.chooses('What next?', STOP)
    await robot.sees('The broker was stopped.')
    await robot.chooses('What next?', ADD)
    await robot.answers('Address', at)
    await robot.answers('User name', 'alice')
    await robot.answers('Password', 'latchkey')
    await robot.sees('Can’t reach')
    await robot.sees('Address')
    robot.type(CTRL_C)
    await robot.sees('What next?')
    robot.type(CTRL_C)
    await done
  })

  it('ends when its signal fires at any prompt', async () => {
    const { robot, abort, done } = open('ended.db')
    await robot.chooses('What next?', ADD)
    await robot.sees('Address')
    abort.abort()
    await done
    await robot.sees('All entries are saved.')
  })

  it('explains the next step while another home hub uses the same database', async () => {
    const first = open('shared.db')
    await address(first.robot)
    await expect(open('shared.db').done).rejects.toThrow(
      /Port \d+ of the simulated MQTT broker is in use.*Stop it with Ctrl-C, or use another database: add -- --db/,
    )
    first.abort.abort()
    await first.done
  })
})
