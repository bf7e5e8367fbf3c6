import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { CliPlace } from './cli-place.ts'
import { KEY, Person } from './person.ts'

let place: CliPlace
beforeEach(async () => {
  place = await CliPlace.open()
})
afterEach(() => place.close())

const question = 'Go on to “Options for zoe”?'
const optionsOf = async () =>
  place.look(async ({ entries }) => (await entries.list()).items.map(({ options }) => options))
const openFlows = () => place.look(async ({ flows }) => (await flows.list()).items)

describe('a flow that follows another, in a terminal', () => {
  it('is gone on to by whoever wants to', async () => {
    const at = new Person(place.folder, ['add', 'leading_hub'])
    await at.answers('Name', 'zoe')
    await at.sees('zoe is linked (loaded).')
    await at.answers(question, '')
    await at.answers('Interval', '5')
    await at.sees('Options saved.')
    expect(await at.ends()).toBe(0)
    expect(await optionsOf()).toEqual([{ interval: 605 }])
    expect(await openFlows()).toEqual([])
  })

  it.each(['n', KEY.ctrlC])('is given up by whoever does not: %j', async (key) => {
    const at = new Person(place.folder, ['add', 'leading_hub'])
    await at.answers('Name', 'zoe')
    await at.sees(question)
    at.types(`${key}${key === 'n' ? KEY.enter : ''}`)
    expect(await at.ends()).toBe(0)
    expect(await optionsOf()).toEqual([{}])
    expect(await openFlows()).toEqual([])
  })

  it('is broken off, and what is done stays done', async () => {
    const at = new Person(place.folder, ['add', 'leading_hub'])
    await at.answers('Name', 'zoe')
    await at.answers(question, '')
    await at.sees('Interval')
    at.types(KEY.ctrlC)
    await at.sees('zoe is linked (loaded).')
    expect(await at.ends()).toBe(0)
    expect(await openFlows()).toEqual([])
  })

  it('is left by a script', async () => {
    const { code, document } = await place.json(['add', 'leading_hub', '--set', 'name=zoe'])
    expect(code).toBe(0)
    expect(document).toMatchObject({ type: 'create_entry', success: true })
    expect(await openFlows()).toEqual([])
  })
})
