import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { CliSandbox } from './cli-sandbox.ts'

let sandbox: CliSandbox
beforeEach(async () => {
  sandbox = await CliSandbox.open()
})
afterEach(() => sandbox.close())

/** Reports a discovery like a host. @returns its flow's id */
const announce = (uniqueId: string, title = 'Attic') =>
  sandbox.look(async ({ flows }) => {
    const discovery = { uniqueId, values: { host: 'found.example' }, title }
    return (await flows.start({ domain: 'my_hub', source: 'discovery', discovery })).flowId
  })

describe('discoveries', () => {
  it('are listed with --all', async () => {
    const entryId = await sandbox.link('right', { id: 'account-1', name: 'Anna' })
    const flowId = await announce('hub-7')
    const plain = await sandbox.run(['list'])
    expect(plain.stdout).not.toContain('Attic')
    expect((await sandbox.json(['list'])).document).not.toHaveProperty('discovered')
    const { stdout } = await sandbox.run(['list', '--all'])
    expect(stdout.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['Anna', 'my_hub', entryId, 'linked'],
      ['Attic', 'my_hub', flowId, 'discovered'],
      [''],
    ])
    expect((await sandbox.json(['list', '--all'])).document).toMatchObject({
      entries: [{ entryId }],
      discovered: [{ flowId, step: 'discovery_confirm' }],
      ignored: [],
    })
  })

  it('are ignored by name or id, and shown again after unignore', async () => {
    await announce('hub-7')
    const second = await announce('hub-8', 'Cellar')
    const ignored = await sandbox.run(['ignore', 'Attic'])
    expect(ignored).toMatchObject({ code: 0, stdout: 'Attic: Ignored. It won’t be suggested again.\n' })
    expect(await sandbox.json(['ignore', second])).toMatchObject({ code: 0, document: { reason: 'ignored' } })
    const { document, stdout } = await sandbox.json(['list', '--all'])
    expect(document).toMatchObject({ entries: [], discovered: [], attention: [] })
    const entries: { readonly title: string; readonly entryId: string }[] = document.ignored
    expect(entries.map(({ title }) => title).sort()).toEqual(['Attic', 'Cellar'])
    expect(stdout).not.toContain('found.example')
    const { entryId = '' } = entries.find(({ title }) => title === 'Cellar') ?? {}
    expect((await sandbox.run(['unignore', 'Attic'])).stdout).toBe(
      'Attic is shown again when it is discovered.\n',
    )
    expect(await sandbox.json(['unignore', entryId])).toMatchObject({
      code: 0,
      document: { unignored: entryId },
    })
    expect((await sandbox.json(['list', '--all'])).document.ignored).toEqual([])
    expect((await sandbox.look(({ history }) => history(entryId))).items.map(({ who }) => who)).toEqual([
      'cli',
      'cli',
    ])
  })

  it('require an id if several have the same name', async () => {
    const flowIds = [await announce('hub-7'), await announce('hub-8')]
    const twice = await sandbox.json(['ignore', 'Attic'])
    expect(twice).toMatchObject({ code: 2, document: { code: 'USAGE' } })
    for (const flowId of flowIds) expect(twice.document.detail).toContain(flowId)
    expect(await sandbox.json(['ignore', 'Roof'])).toMatchObject({
      code: 4,
      document: { code: 'UNKNOWN_FLOW' },
    })
    const entryId = await sandbox.link('right', { id: 'account-1', name: 'Anna' })
    for (const named of [entryId, 'Anna']) {
      const refused = await sandbox.json(['unignore', named])
      expect(refused).toMatchObject({ code: 4, document: { code: 'UNKNOWN_ENTRY' } })
    }
    expect((await sandbox.json(['list'])).document.entries).toHaveLength(1)
  })
})
