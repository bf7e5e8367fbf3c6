import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { PassThrough } from 'node:stream'
import { describe, expect, it } from '@jest/globals'
import { account } from '../../examples/oauth/account.ts'
import { EXIT } from '../../src/cli/exit-codes.ts'
import { createProgram } from '../../src/cli/program.ts'
import { createLatchkey, memoryStore } from '../../src/index.ts'

const guide = readFileSync(resolve(import.meta.dirname, '../../docs/guides/cli.md'), 'utf8')
const oauth = readFileSync(resolve(import.meta.dirname, '../../docs/guides/oauth.md'), 'utf8')
const program = createProgram(
  {
    input: new PassThrough(),
    output: new PassThrough(),
    errors: new PassThrough(),
    env: {},
    directory: '.',
    signal: new AbortController().signal,
  } as never,
  () => {},
)

describe('docs/guides/cli.md', () => {
  it.each(program.commands.map((command) => [command.name(), command] as const))(
    'lists %s with its arguments and options',
    (name, command) => {
      const missing = [
        `latchkey ${[name, ...command.registeredArguments.map((one) => (one.required ? `<${one.name()}>` : `[${one.name()}]`))].join(' ')}`,
        ...command.options.map(({ long }) => long ?? ''),
        ...program.options.map(({ long }) => long ?? '').filter((long) => long !== '--version'),
      ].filter((part) => !guide.includes(part))
      expect(missing).toEqual([])
    },
  )

  it('lists every exit code', () => {
    const listed = [...guide.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code))
    expect(listed).toEqual(Object.values(EXIT))
  })
})

describe('docs/guides/oauth.md', () => {
  it('shows an integration that a host accepts', async () => {
    const latchkey = await createLatchkey({ integrations: [account], store: memoryStore() })
    const menu = await latchkey.flows.start({ domain: 'account', source: 'user' })
    expect(menu).toMatchObject({ type: 'menu', options: [{ value: 'browser' }, { value: 'device' }] })
    await latchkey.stop()
  })

  it('lists the codes of failed sign-ins', () => {
    const texts = readFileSync(join(import.meta.dirname, '../../src/texts/en.ts'), 'utf8')
    const codes = [...texts.matchAll(/^ {4}(authorize_\w+):/gm)].map(([, code]) => code)
    expect(codes.filter((code) => code !== 'authorize_foreign' && !oauth.includes(`\`${code}\``))).toEqual([])
    expect(codes.length).toBeGreaterThan(2)
  })
})
