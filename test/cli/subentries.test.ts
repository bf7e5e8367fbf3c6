import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { CliPlace } from './cli-place.ts'

let place: CliPlace
beforeEach(async () => {
  place = await CliPlace.open()
})
afterEach(() => place.close())

const link = () => place.run(['add', 'rooms_hub', '--set', 'name=Home'])
const addTo = (...more: string[]) => ['add', 'rooms_hub', '--to', 'Home', ...more]
const room = (name: string) => addTo('--type', 'room', '--set', `room=${name}`)

describe('latchkey, with what is under an entry', () => {
  it('adds, lists, changes and removes it', async () => {
    await link()
    const added = await place.run(room('Hall'))
    expect(added).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Hall is added to Home\. Its id is \S+\.\n$/),
    })
    const key = { LATCHKEY_API_KEY: 'key-of-the-feed' }
    const feed = await place.json(addTo('--type', 'feed', '--set', 'address=news'), { env: key })
    expect(feed.document).toMatchObject({ type: 'create_entry', subentry: { type: 'feed' } })
    expect(place.read('latchkey.db')).not.toContain('key-of-the-feed')
    expect((await place.run(['list'])).stdout).toMatch(
      /^Home +rooms_hub .*\n {2}Hall +room .*\n {2}news +feed /,
    )
    const changed = await place.run(['reconfigure', 'Home', '--subentry', 'Hall', '--set', 'room=Loft'])
    expect(changed).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Changes saved.'),
    })
    const { document } = await place.json(['list'])
    const { subentryId } = document.entries[0].subentries[0]
    expect(document.entries[0].subentries).toMatchObject([{ title: 'Loft', type: 'room' }, { title: 'news' }])
    const unasked = await place.run(['remove', 'Home', '--subentry', subentryId])
    expect(unasked.code).toBe(2)
    const removed = await place.json(['remove', 'Home', '--subentry', subentryId, '--yes'])
    expect(removed.document).toMatchObject({ removed: subentryId })
    const left = await place.json(['list'])
    expect(left.document.entries[0].subentries).toMatchObject([{ title: 'news' }])
  })

  it('says what is wrong with what is added', async () => {
    await link()
    const short = await place.run(room('x'))
    expect(short).toMatchObject({ code: 1, stdout: 'Room: This is too short or too small.\n' })
    await place.run(room('Hall'))
    expect((await place.json(room('HALL'))).document).toMatchObject({ reason: 'already_configured' })
    const env = { LATCHKEY_API_KEY: 'key' }
    const taken = await place.run(addTo('--type', 'feed', '--set', 'address=Hall'), { env })
    expect(taken.stdout).toBe('Address: Choose one of the options.\n')
  })

  it('says what can be added, and to what', async () => {
    await link()
    expect(await place.run(addTo())).toMatchObject({
      ...{ code: 2, stderr: 'Say with --type what is to be added. There is room, feed.\n' },
    })
    expect(await place.run(addTo('--type', 'lamp'))).toMatchObject({ code: 2 })
    expect(await place.run(['add', 'rooms_hub', '--type', 'room'])).toMatchObject({
      ...{ code: 2, stderr: 'Say with --to to which entry it is to be added.\n' },
    })
    const unknown = await place.json(['remove', 'Home', '--subentry', 'Attic', '--yes'])
    expect(unknown.document).toMatchObject({ code: 'UNKNOWN_SUBENTRY' })
  })
})
