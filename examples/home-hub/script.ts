import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Broker } from './broker.ts'
import { forkHome, openHome } from './script-home.ts'
import { Story } from './script-story.ts'
import { StoryError, Teller } from './script-teller.ts'

export interface ScriptOptions {
  /** Plays it against a broker that takes any password, to see that the story notices. */
  readonly careless: boolean
}

/**
 * Plays the whole story without a person, on a real broker and a real clock, each line checked. In the first part
 * the entry comes to `reauth_required` on the engine's own backoff (4 to 5 s); in the second, by being started anew.
 *
 * @returns the exit code
 */
export async function playScript({ careless }: ScriptOptions): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'home-hub-'))
  const broker = await Broker.start({ careless, accounts })
  const teller = new Teller((line) => console.log(line))
  try {
    const story = new Story(teller, broker)
    await inOneProcess(teller, story, broker, join(folder, 'home-hub.db'))
    await inMany(teller, story, broker, join(folder, 'home-hub.db'))
    teller.chapter('In all')
    // Set up, two other accounts proven and let go, two reauthentications, two starts; none for what was killed.
    teller.check('logins', `${broker.accepted} accepted, ${broker.refused} refused`, '7 accepted, 5 refused')
    teller.check('connections', `${broker.open} open`, '0 open')
    teller.check('database', await cleartextIn(folder), 'tells the user name, and no password')
    console.log(`\n${teller.lines} lines, each as it should be.`)
    return 0
  } catch (error) {
    const sentence = error instanceof Error ? error.message : String(error)
    console.error(`\nThe story went wrong: ${sentence}`)
    if (!(error instanceof StoryError)) console.error(error)
    return 1
  } finally {
    await broker.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

const accounts = [
  { username: 'alice', password: 'first password of alice', accountId: 'account-1', temperature: 21.5 },
  { username: 'bob', password: 'password of bob', accountId: 'account-2', temperature: 18 },
]

async function inOneProcess(teller: Teller, story: Story, broker: Broker, database: string): Promise<void> {
  const home = await openHome(database)
  await home.calls.start()
  try {
    teller.chapter('1. Set up')
    await story.setUp(home, 'alice', await deadAddress())

    teller.chapter('2. The password is changed')
    story.changePassword('alice', 'second password of alice')
    await story.states(home, 'setup_retry', 'setup_in_progress', 'reauth_required')
    await story.asksForReauth(home)
    await story.logins({ accepted: 0, refused: 1 }, 0)

    teller.chapter('3. Reauthentication')
    await story.wrongAccount(home)
    await story.reauthAgain(home)
    await story.badPassword(home)
    await story.brokerDown(home)
    await story.rightPassword(home)
  } finally {
    await home.calls.stop()
  }
  teller.deed('the home is stopped')
  await story.states(home, 'unload_in_progress', 'not_loaded')
  await teller.eventually('connections', () => `${broker.open} open`, '0 open')
}

/** The same again, in processes that are killed at the worst of times. */
async function inMany(teller: Teller, story: Story, broker: Broker, database: string): Promise<void> {
  let home = forkHome(database)
  const killed = async () => teller.check('process', `killed by ${await home.kill()}`, 'killed by SIGKILL')
  const next = async () => {
    home = forkHome(database)
    teller.deed('the next process starts')
    await home.calls.start()
  }
  try {
    teller.chapter('4. The same again: killed while the entry waits to be tried again')
    await home.calls.start()
    await story.states(home, 'migrating', 'setup_in_progress', 'loaded')
    await story.lives(home)
    await story.logins({ accepted: 1, refused: 0 }, 1)
    story.changePassword('alice', 'third password of alice')
    await story.states(home, 'setup_retry')
    await killed()
    await story.logins({ accepted: 0, refused: 0 }, 0)

    await next()
    await story.states(home, 'migrating', 'setup_in_progress', 'reauth_required')
    await story.asksForReauth(home)
    await story.logins({ accepted: 0, refused: 1 }, 0)
    await story.wrongAccount(home)
    await story.reauthAgain(home)
    await story.badPassword(home)
    await story.brokerDown(home)

    teller.chapter('5. Killed while the flow is open')
    const open = story.view?.flowId
    await killed()
    await next()
    await story.states(home, 'migrating', 'setup_in_progress', 'reauth_required')
    await story.asksForReauth(home, 'cannot_connect')
    teller.check('flow', story.view?.flowId === open ? 'the same' : 'another', 'the same')
    await story.logins({ accepted: 0, refused: 0 }, 0)

    teller.chapter('6. Killed while the flow is at work')
    const release = broker.hold()
    teller.deed('submit the right password; the broker is slow to answer')
    const lost = story.submit(home.calls, story.rightLogin()).catch(() => {})
    await teller.eventually(
      'step',
      async () => stepName(await home.calls.flow(open ?? '')),
      'checkingConnection',
    )
    await killed()
    await lost
    release()
    await next()
    await story.states(home, 'migrating', 'setup_in_progress', 'reauth_required')
    await story.asksForReauth(home, 'cannot_connect')
    teller.check('flow', story.view?.flowId === open ? 'the same' : 'another', 'the same')
    await story.logins({ accepted: 0, refused: 0 }, 0)
    await story.rightPassword(home)

    teller.chapter('7. Killed when all is well again')
    await killed()
    await next()
    await story.states(home, 'migrating', 'setup_in_progress', 'loaded')
    await story.lives(home)
    await story.logins({ accepted: 1, refused: 0 }, 1)
    teller.deed('the home is stopped')
    await home.calls.stop()
    await teller.eventually('connections', () => `${broker.open} open`, '0 open')
    teller.check('process', `ends by itself with ${await home.exit()}`, 'ends by itself with 0')
  } finally {
    await home.kill()
  }
}

const stepName = (view: { type: string; step?: string }): string => view.step ?? view.type

/** What the files of the database tell to whoever reads them. */
async function cleartextIn(folder: string): Promise<string> {
  const names = await readdir(folder)
  const files = (await Promise.all(names.map((name) => readFile(join(folder, name), 'latin1')))).join()
  return `tells ${files.includes('alice') ? 'the' : 'no'} user name, and ${/password of/.test(files) ? 'a' : 'no'} password`
}

/** An address of this machine where nobody listens. */
async function deadAddress(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return `127.0.0.1:${typeof address === 'object' ? address?.port : 1}`
}
