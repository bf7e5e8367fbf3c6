import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { CliSandbox } from './cli-sandbox.ts'

let sandbox: CliSandbox
beforeEach(async () => {
  sandbox = await CliSandbox.open()
})
afterEach(() => sandbox.close())

const link = () => sandbox.run(['add', 'rooms_hub', '--set', 'name=Home'])
const addTo = (...more: string[]) => ['add', 'rooms_hub', '--to', 'Home', ...more]
const room = (name: string) => addTo('--type', 'room', '--set', `room=${name}`)

describe('latchkey with sub-entries', () => {
  it('adds, lists, changes and removes one', async () => {
    await link()
    const added = await sandbox.run(room('Hall'))
    expect(added).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Hall was added to Home\. Its id is \S+\.\n$/),
    })
    const key = { LATCHKEY_API_KEY: 'key-of-the-feed' }
    const feed = await sandbox.json(addTo('--type', 'feed', '--set', 'address=news'), { env: key })
    expect(feed.document).toMatchObject({ type: 'create_entry', subentry: { type: 'feed' } })
    expect(sandbox.read('latchkey.db')).not.toContain('key-of-the-feed')
    expect((await sandbox.run(['list'])).stdout).toMatch(
      /^Home +rooms_hub .*\n {2}Hall +room .*\n {2}news +feed /,
    )
    const changed = await sandbox.run(['reconfigure', 'Home', '--subentry', 'Hall', '--set', 'room=Loft'])
    expect(changed).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Changes saved.'),
    })
    const { document } = await sandbox.json(['list'])
    const { subentryId } = document.entries[0].subentries[0]
    expect(document.entries[0].subentries).toMatchObject([{ title: 'Loft', type: 'room' }, { title: 'news' }])
    const unasked = await sandbox.run(['remove', 'Home', '--subentry', subentryId])
    expect(unasked.code).toBe(2)
    const removed = await sandbox.json(['remove', 'Home', '--subentry', subentryId, '--yes'])
    expect(removed.document).toMatchObject({ removed: subentryId })
    const left = await sandbox.json(['list'])
    expect(left.document.entries[0].subentries).toMatchObject([{ title: 'news' }])
  })

  it('prints the errors of a new sub-entry', async () => {
    await link()
    const short = await sandbox.run(room('x'))
    expect(short).toMatchObject({ code: 1, stdout: 'Room: Use at least 2 characters.\n' })
    await sandbox.run(room('Hall'))
    expect((await sandbox.json(room('HALL'))).document).toMatchObject({ reason: 'already_configured' })
    const env = { LATCHKEY_API_KEY: 'key' }
    const taken = await sandbox.run(addTo('--type', 'feed', '--set', 'address=Hall'), { env })
    expect(taken.stdout).toBe('Address: Choose one of the options.\n')
  })

  it('prints the available types, and requires the entry', async () => {
    await link()
    expect(await sandbox.run(addTo())).toMatchObject({
      code: 2,
      stderr: 'Missing or unknown --type. Available types: room, feed.\n',
    })
    expect(await sandbox.run(addTo('--type', 'lamp'))).toMatchObject({ code: 2 })
    expect(await sandbox.run(['add', 'rooms_hub', '--type', 'room'])).toMatchObject({
      code: 2,
      stderr: 'Missing --to. Name the entry for the sub-entry.\n',
    })
    const unknown = await sandbox.json(['remove', 'Home', '--subentry', 'Attic', '--yes'])
    expect(unknown.document).toMatchObject({ code: 'UNKNOWN_SUBENTRY' })
  })
})
