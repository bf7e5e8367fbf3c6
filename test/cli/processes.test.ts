import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createProgram } from '../../src/cli/program.ts'
import { CliSandbox, type RunOptions } from './cli-sandbox.ts'

const RIGHT = 'token-that-is-right'
const OTHER = 'token-of-another-account'

let sandbox: CliSandbox
beforeAll(async () => {
  sandbox = await CliSandbox.open()
  sandbox.service.tokens.set(RIGHT, { id: 'account-1', name: 'Anna' })
  sandbox.service.tokens.set(OTHER, { id: 'account-2', name: 'Bert' })
})
afterAll(() => sandbox.close())

const input = () => ({ host: sandbox.service.host, apiToken: RIGHT })
const discover = () =>
  sandbox.look(({ flows }) => {
    const discovery = { uniqueId: 'hub-7', values: { host: 'found.example' }, title: 'Attic' }
    return flows.start({ domain: 'my_hub', source: 'discovery', discovery })
  })

interface Case {
  readonly args: readonly string[]
  readonly options?: () => RunOptions
  readonly before?: () => Promise<unknown>
  readonly prints: RegExp
}

/** The arguments of `cancel`, with the flow that is open by then. */
const cancelled = ['cancel']

/** One run of each command, in order. `host-commands.test.ts` runs `serve`, which runs until it is interrupted. */
const cases: readonly Case[] = [
  {
    args: ['add', 'my_hub', '--input', '-'],
    options: () => ({ input: input() }),
    prints: /^Anna was linked/,
  },
  { args: ['list', '--connect'], prints: /^Anna {2}my_hub .* loaded/ },
  { args: ['reauth'], prints: /\S/ },
  {
    args: ['reconfigure', 'Anna'],
    options: () => ({ env: { LATCHKEY_API_TOKEN: RIGHT } }),
    prints: /^Changes saved/,
  },
  {
    args: ['replace', 'Anna', '--set', 'replace_confirm=replace'],
    options: () => ({ env: { LATCHKEY_API_TOKEN: OTHER } }),
    prints: /\S/,
  },
  { args: ['add', 'follow_up_hub', '--set', 'name=zoe'], prints: /^zoe was linked/ },
  { args: ['options', 'zoe', '--set', 'interval=5'], prints: /^Options saved/ },
  { args: ['ignore', 'Attic'], before: discover, prints: /^Attic: / },
  { args: ['unignore', 'Attic'], prints: /^Attic / },
  {
    args: cancelled,
    before: async () => {
      await discover()
      const { items } = await sandbox.look(({ flows }) => flows.list())
      cancelled.push(String(items[0]?.flowId))
    },
    prints: /\S/,
  },
  { args: ['reset-attempts', 'zoe'], prints: /\S/ },
  { args: ['request-reauth', 'zoe', '--reason', 'The plan has changed'], prints: /\S/ },
  { args: ['withdraw-reauth', 'zoe'], prints: /\S/ },
  { args: ['unload', 'zoe'], prints: /\S/ },
  { args: ['history', 'Bert'], prints: /account_replaced\s+by cli\n/ },
  { args: ['remove', 'Bert', '--yes'], prints: /Bert/ },
  { args: ['backup', 'backup.db'], prints: /^Saved to .*backup\.db\. It does not contain the key/ },
  { args: ['restore', 'backup.db', '--yes'], prints: /^Restored .*backup\.db\. The old database is now / },
  { args: ['doctor', '--connect'], prints: /^ok {2}node/ },
  { args: ['migrate', '--check'], prints: /^The tables are up to date\.\n$/ },
  { args: ['keys', 'rotate'], prints: /^Rotated to the key [\w-]{43}\.\nChecked \d+ records, / },
  {
    args: ['keys', 'status'],
    prints: /^[\w-]{43} {2}encrypts {2}\d+ values?\n[\w-]{43} {2}decrypts {2}0 values\n$/,
  },
  { args: ['graph', 'token'], prints: /^stateDiagram-v2\n/ },
]

describe('latchkey in a separate process', () => {
  it.each(cases)('runs $args and exits', async ({ args, options, before, prints }) => {
    await before?.()
    const { code, stdout, stderr } = await sandbox.spawn(args, options?.()).ran
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(prints)
  })

  it('runs every command', () => {
    const commands = createProgram(sandbox.terminal(), () => {}).commands.map((command) => command.name())
    const ran = new Set([...cases.map(({ args: [name] }) => name), 'serve'])
    expect(commands.filter((name) => !ran.has(name))).toEqual([])
  })
})
