import { expect } from '@jest/globals'
import { memoryStore, type View } from '../../src/index.ts'
import { type Inspection, inspectWith } from '../../src/inspect/index.ts'
import { World } from '../stories/world.ts'
import { type Watching, watch } from './viewers.ts'

const RIGHT = 'canary-right-Xq7Zwk'
const WRONG = 'canary-wrong-Xq7Zwk'
const NEXT = 'canary-next-Xq7Zwk'
/** The secrets that no viewer may receive. */
export const secrets = [RIGHT, WRONG, NEXT]

/** A host with an inspected scope `home`. Its service accepts `RIGHT` until it is revoked, and `NEXT`. */
export class InspectedWorld {
  readonly world: World
  readonly #closing: (() => unknown)[] = []
  #inspection: Inspection | null = null

  constructor() {
    const store = memoryStore()
    this.world = new World(() => store)
    this.world.service.accounts.set(RIGHT, 'me').set(NEXT, 'me')
  }

  get inspection(): Inspection {
    if (this.#inspection === null) throw new Error('The inspection was not started.')
    return this.#inspection
  }

  get home() {
    return this.world.scope('home')
  }

  async begin(): Promise<void> {
    await this.world.begin()
    await this.inspect()
  }

  async inspect(): Promise<void> {
    const made = await inspectWith(this.home)
    this.#closing.push(() => made.close())
    this.#inspection = made
  }

  /** Registers a cleanup that runs before the earlier ones. */
  atEnd(close: () => unknown): void {
    this.#closing.push(close)
  }

  async end(): Promise<void> {
    for (const close of this.#closing.splice(0).reverse()) await close()
    await this.world.stop()
    expect(this.world.complaints).toEqual([])
  }

  async watch(url: string): Promise<Watching> {
    const viewer = await watch(url, this.inspection.protocols)
    this.atEnd(() => viewer.socket.terminate())
    return viewer
  }

  userFlow(): Promise<View> {
    return this.home.flows.start({ domain: 'scripted', source: 'user' })
  }

  submit({ flowId, revision }: View, changes: { host?: string; token?: string } = {}): Promise<View> {
    return this.home.flows.submit(flowId, { host: 'hub', token: RIGHT, ...changes }, { revision })
  }

  async addEntry(): Promise<string> {
    const { entryId } = await this.submit(await this.userFlow())
    return entryId as string
  }

  /** Revokes the credential of an entry, and repairs it with a flow after a wrong credential. */
  async reauthenticate(): Promise<{ readonly entryId: string; readonly flowId: string }> {
    const { entries, flows } = this.home
    const entryId = await this.addEntry()
    this.world.service.accounts.delete(RIGHT)
    const call = entries.use(this.world.integration, entryId, (client) => client.ping())
    await expect(call).rejects.toMatchObject({ code: 'REAUTH_REQUIRED' })
    const { flowId, revision } = await flows.start({ source: 'reauth', entryId })
    const again = await flows.submit(flowId, { token: WRONG }, { revision })
    const end = await flows.submit(flowId, { token: NEXT }, { revision: again.revision })
    expect(end).toMatchObject({ reason: 'reauth_successful' })
    return { entryId, flowId }
  }

  /** A credential that the service rejects. */
  readonly wrong = { token: WRONG }
}
