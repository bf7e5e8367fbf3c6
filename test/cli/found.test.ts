import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { CliPlace } from './cli-place.ts'

let place: CliPlace
beforeEach(async () => {
  place = await CliPlace.open()
})
afterEach(() => place.close())

/** Announces a device, as a host would. @returns its flow's id */
const announce = (uniqueId: string, title = 'Attic') =>
  place.look(async ({ flows }) => {
    const discovery = { uniqueId, values: { host: 'found.example' }, title }
    return (await flows.start({ domain: 'my_hub', source: 'discovery', discovery })).flowId
  })

describe('what was found', () => {
  it('is listed beside the entries where that is asked for', async () => {
    const entryId = await place.link('right', { id: 'account-1', name: 'Anna' })
    const flowId = await announce('hub-7')
    const plain = await place.run(['list'])
    expect(plain.stdout).not.toContain('Attic')
    expect((await place.json(['list'])).document).not.toHaveProperty('discovered')
    const { stdout } = await place.run(['list', '--all'])
    expect(stdout.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['Anna', 'my_hub', entryId, 'linked'],
      ['Attic', 'my_hub', flowId, 'discovered'],
      [''],
    ])
    expect((await place.json(['list', '--all'])).document).toMatchObject({
      ...{ entries: [{ entryId }], discovered: [{ flowId, step: 'discovery_confirm' }], ignored: [] },
    })
  })

  it('is ignored by its name or its id, and offered again', async () => {
    await announce('hub-7')
    const second = await announce('hub-8', 'Cellar')
    const ignored = await place.run(['ignore', 'Attic'])
    expect(ignored).toMatchObject({ code: 0, stdout: 'Attic: Ignored. It won’t be suggested again.\n' })
    expect(await place.json(['ignore', second])).toMatchObject({ code: 0, document: { reason: 'ignored' } })
    const { document, stdout } = await place.json(['list', '--all'])
    expect(document).toMatchObject({ entries: [], discovered: [], attention: [] })
    const entries: { readonly title: string; readonly entryId: string }[] = document.ignored
    expect(entries.map(({ title }) => title).sort()).toEqual(['Attic', 'Cellar'])
    expect(stdout).not.toContain('found.example')
    const { entryId = '' } = entries.find(({ title }) => title === 'Cellar') ?? {}
    expect((await place.run(['unignore', 'Attic'])).stdout).toBe('Attic is offered again when it is found.\n')
    expect(await place.json(['unignore', entryId])).toMatchObject({
      code: 0,
      document: { unignored: entryId },
    })
    expect((await place.json(['list', '--all'])).document.ignored).toEqual([])
    expect((await place.look(({ history }) => history(entryId))).items.map(({ who }) => who)).toEqual([
      ...['cli', 'cli'],
    ])
  })

  it('has to be named so that one alone is meant', async () => {
    const flowIds = [await announce('hub-7'), await announce('hub-8')]
    const twice = await place.json(['ignore', 'Attic'])
    expect(twice).toMatchObject({ code: 2, document: { code: 'USAGE' } })
    for (const flowId of flowIds) expect(twice.document.detail).toContain(flowId)
    expect(await place.json(['ignore', 'Roof'])).toMatchObject({
      code: 4,
      document: { code: 'UNKNOWN_FLOW' },
    })
    const entryId = await place.link('right', { id: 'account-1', name: 'Anna' })
    for (const named of [entryId, 'Anna']) {
      const refused = await place.json(['unignore', named])
      expect(refused).toMatchObject({ code: 4, document: { code: 'UNKNOWN_ENTRY' } })
    }
    expect((await place.json(['list'])).document.entries).toHaveLength(1)
  })
})
