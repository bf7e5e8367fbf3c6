import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Broker } from './broker.ts'
import { forkHome, openHome } from './script-home.ts'
import { Story } from './script-story.ts'
import { StoryError, StoryPrinter } from './story-printer.ts'

export interface ScriptOptions {
  /** Whether the broker accepts any password. A test uses it to check that the story detects this. */
  readonly careless: boolean
}

/**
 * Plays the whole story without user input, with a real broker and a real clock, and checks each line. In the first
 * part the entry becomes `reauth_required` after the engine's backoff (4 to 5 s), in the second part after a restart.
 *
 * @returns the exit code
 */
export async function playScript({ careless }: ScriptOptions): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'home-hub-'))
  const broker = await Broker.start({ careless, accounts })
  const printer = new StoryPrinter((line) => console.log(line))
  try {
    const story = new Story(printer, broker)
    await inOneProcess(printer, story, broker, join(folder, 'home-hub.db'))
    await inMany(printer, story, broker, join(folder, 'home-hub.db'))
    printer.chapter('Total')
    // One setup, two verified other accounts, two reauthentications, two restarts; none for killed work.
    printer.check(
      'sign-ins',
      `${broker.accepted} accepted, ${broker.refused} refused`,
      '7 accepted, 5 refused',
    )
    printer.check('connections', `${broker.open} open`, '0 open')
    printer.check('database', await unencryptedIn(folder), 'contains the user name and no password')
    console.log(`\n${printer.lines} lines, all as expected.`)
    return 0
  } catch (error) {
    const sentence = error instanceof Error ? error.message : String(error)
    console.error(`\nThe story failed: ${sentence}`)
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

async function inOneProcess(
  printer: StoryPrinter,
  story: Story,
  broker: Broker,
  database: string,
): Promise<void> {
  const home = await openHome(database)
  await home.calls.start()
  try {
    printer.chapter('1. Setup')
    await story.setUp(home, 'alice', await deadAddress())

    printer.chapter('2. Password change')
    story.changePassword('alice', 'second password of alice')
    await story.states(home, 'setup_retry', 'setup_in_progress', 'reauth_required')
    await story.asksForReauth(home)
    await story.logins({ accepted: 0, refused: 1 }, 0)

    printer.chapter('3. Reauthentication')
    await story.wrongAccount(home)
    await story.reauthAgain(home)
    await story.badPassword(home)
    await story.brokerDown(home)
    await story.rightPassword(home)
  } finally {
    await home.calls.stop()
  }
  printer.action('stop the home')
  await story.states(home, 'unload_in_progress', 'not_loaded')
  await printer.eventually('connections', () => `${broker.open} open`, '0 open')
}

/** Plays the story again in processes that are killed at critical moments. */
async function inMany(printer: StoryPrinter, story: Story, broker: Broker, database: string): Promise<void> {
  let home = forkHome(database)
  const killed = async () => printer.check('process', `killed by ${await home.kill()}`, 'killed by SIGKILL')
  const next = async () => {
    home = forkHome(database)
    printer.action('start the next process')
    await home.calls.start()
  }
  try {
    printer.chapter('4. Killed while the entry waits for a retry')
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

    printer.chapter('5. Killed while the flow is open')
    const open = story.view?.flowId
    await killed()
    await next()
    await story.states(home, 'migrating', 'setup_in_progress', 'reauth_required')
    await story.asksForReauth(home, 'cannot_connect')
    printer.check('flow', story.view?.flowId === open ? 'the same' : 'another', 'the same')
    await story.logins({ accepted: 0, refused: 0 }, 0)

    printer.chapter('6. Killed while the flow is working')
    const release = broker.hold()
    printer.action('submit the right password to a slow broker')
    const lost = story.submit(home.calls, story.rightLogin()).catch(() => {})
    await printer.eventually(
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
    printer.check('flow', story.view?.flowId === open ? 'the same' : 'another', 'the same')
    await story.logins({ accepted: 0, refused: 0 }, 0)
    await story.rightPassword(home)

    printer.chapter('7. Killed after the repair')
    await killed()
    await next()
    await story.states(home, 'migrating', 'setup_in_progress', 'loaded')
    await story.lives(home)
    await story.logins({ accepted: 1, refused: 0 }, 1)
    printer.action('stop the home')
    await home.calls.stop()
    await printer.eventually('connections', () => `${broker.open} open`, '0 open')
    printer.check('process', `exits with code ${await home.exit()}`, 'exits with code 0')
  } finally {
    await home.kill()
  }
}

const stepName = (view: { type: string; step?: string }): string => view.step ?? view.type

/** Describes which credentials the database files contain unencrypted. */
async function unencryptedIn(folder: string): Promise<string> {
  const names = await readdir(folder)
  const files = (await Promise.all(names.map((name) => readFile(join(folder, name), 'latin1')))).join()
  return `contains ${files.includes('alice') ? 'the' : 'no'} user name and ${/password of/.test(files) ? 'a' : 'no'} password`
}

/** Returns an address of this machine without a server. */
async function deadAddress(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return `127.0.0.1:${typeof address === 'object' ? address?.port : 1}`
}
