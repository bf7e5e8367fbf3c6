import { expect } from '@jest/globals'
import type { EntryRecord, ScopedLatchkey, View } from '../../src/index.ts'
import { fullDisk, type ScriptedClient, type Story, type StoryStep } from '../../src/testing/index.ts'
import { answerOf } from './answers.ts'
import { CommitRivals } from './commit-rivals.ts'
import { needsPerson, seen, told } from './flow-telling.ts'
import { addEntry, refuse, tokenOf } from './scene.ts'
import { soon, until, type World } from './world.ts'

const MINUTE = 60_000

/** Plays one story of the config flow in a separate scope, and checks everything after every step. */
export class FlowPlayer {
  readonly #world: World
  readonly #story: Story
  readonly #scope: string
  #entryId = ''
  #flowId = ''
  #before: EntryRecord | undefined
  /** The properties of the entry that a user would notice. */
  readonly #now = { needs: false, running: false, committed: false, removed: false, written: false }
  #view: View | null = null

  constructor(world: World, story: Story, scope: string) {
    this.#world = world
    this.#story = story
    this.#scope = scope
    const { accounts } = world.service
    accounts.set(this.#token('old'), 'me').set(this.#token('new'), 'me').set(this.#token('other'), 'another')
  }

  get #at(): ScopedLatchkey {
    return this.#world.scope(this.#scope)
  }

  async play(restarting: boolean): Promise<void> {
    const { steps, source } = this.#story
    if (source !== 'user') await this.#makeEntry()
    for (const [index, step] of steps.entries()) {
      if (restarting && index > 0) await this.#restart()
      await this.#play(step)
      await this.#check(step)
    }
    expect(this.#world.store.clear()).toBe(0)
    expect(this.#world.complaints).toEqual([])
  }

  /** Leaves nothing behind that costs the next story anything. */
  async clear(): Promise<void> {
    const { items } = await this.#at.entries.list()
    for (const { entryId } of items) await this.#at.entries.remove(entryId)
    const open = await this.#at.flows.list()
    for (const { flowId } of open.items) await this.#at.flows.cancel(flowId)
    // An entry that another process removed stays loaded here until its next use. The end of the process closes it.
    if (this.#now.removed) await this.#world.restart()
    await soon()
    expect(this.#world.service.open).toBe(0)
  }

  async #makeEntry(): Promise<void> {
    const token = this.#token('old')
    this.#entryId = await addEntry(this.#at, token)
    this.#now.needs = needsPerson(this.#story)
    this.#now.running = !this.#now.needs
    if (this.#now.needs) await refuse(this.#world, this.#scope, this.#entryId, token)
    this.#before = await this.#stored()
  }

  async #restart(): Promise<void> {
    const view = this.#view === null ? null : await this.#at.flows.get(this.#flowId)
    await this.#world.restart()
    const entry = this.#entryId === '' ? undefined : await this.#stored()
    this.#now.running =
      entry !== undefined && !entry.disabled && entry.rejectedRevision !== entry.credentialRevision
    if (view === null) return
    const after = await this.#at.flows.get(this.#flowId)
    if ('entryState' in view) expect(after).toEqual({ ...view, entryState: expect.any(String) })
    else expect(after).toEqual(view)
    await this.#checkConnections()
  }

  async #play(step: StoryStep): Promise<void> {
    const { flows, entries } = this.#at
    switch (step.does) {
      case 'start':
        return this.#start(step)
      case 'submit':
        return this.#submit(step)
      case 'reject': {
        const input =
          this.#view?.type === 'form' && this.#view.step === 'challenge' ? { code: '' } : this.#form('')
        this.#view = await flows.submit(this.#flowId, input, this.#revision)
        return
      }
      case 'back':
        this.#view = await flows.back(this.#flowId, this.#revision)
        return
      case 'cancel':
        this.#view = await flows.cancel(this.#flowId)
        return
      case 'expire':
        return this.#wait(31 * MINUTE)
      case 'expireDraft':
        return this.#wait(10 * MINUTE)
      case 'supersede': {
        const next = await flows.start({ source: 'reconfigure', entryId: this.#entryId })
        expect(next).toMatchObject({ type: 'form', step: 'reconfigure' })
        break
      }
      case 'entryRemoved':
        await entries.remove(this.#entryId)
        this.#gone()
        break
      case 'entryDisabled':
        await entries.disable(this.#entryId)
        this.#off()
        break
      case 'entryRepaired':
        this.#world.service.accounts.set(this.#token('old'), 'me')
        await entries.reload(this.#entryId, { retryRejected: true })
        Object.assign(this.#now, { needs: false, running: true, written: true })
        break
      default:
        throw new Error(`The player has no step "${step.does}".`)
    }
    this.#view = await flows.get(this.#flowId)
  }

  async #start({ brings, rest }: StoryStep): Promise<void> {
    const { flows, entries } = this.#at
    const { source } = this.#story
    const request =
      source === 'user'
        ? ({ domain: 'scripted', source } as const)
        : ({ source: source === 'entry' ? 'reauth' : source, entryId: this.#entryId } as const)
    const found = brings[0]?.comes ?? 'found'
    if (found === 'missing') {
      await entries.remove(this.#entryId)
      this.#gone()
      return expect(flows.start(request)).rejects.toMatchObject({ code: 'UNKNOWN_ENTRY' })
    }
    if (found === 'throws') {
      this.#world.store.before('getEntry', 1, fullDisk)
      return expect(flows.start(request)).rejects.toMatchObject({ code: 'STORE' })
    }
    if (found === 'disabled') {
      await entries.disable(this.#entryId)
      this.#off()
      // It was never kept: there is nothing to look at again.
      expect(await flows.start(request)).toMatchObject({ type: 'abort', reason: rest.reason, success: false })
      return
    }
    // The rejection of the credential may have opened it.
    const { joined: _, ...view } = await flows.start(request)
    this.#view = view
    this.#flowId = view.flowId
  }

  async #submit({ brings }: StoryStep): Promise<void> {
    const { flows } = this.#at
    const { service } = this.#world
    const shown = this.#view?.type === 'form' ? this.#view : null
    if (shown?.errors.base?.code === 'rate_limited') await this.#world.advance(MINUTE)
    const [checked, ...commits] = brings
    const interrupted = checked?.work === null ? checked.comes : null
    service.script(interrupted === null ? answerOf(checked?.comes ?? '') : { held: { connect: 'me' } })
    const saving = { scope: this.#scope, entryId: this.#entryId, flowId: this.#flowId }
    const rivals = new CommitRivals(
      this.#world,
      saving,
      commits.map(({ comes }) => comes),
    )
    const asked = service.connects.length
    const input =
      shown?.step === 'challenge' ? { code: '123456' } : this.#form(this.#tokenFor(checked?.comes ?? ''))
    const submitted = flows.submit(this.#flowId, input, this.#revision)
    if (checked?.comes === 'timeout') {
      await until(() => service.connects.length > asked)
      await this.#world.advance(MINUTE / 2)
    }
    if (interrupted !== null) {
      await until(() => service.connects.length > asked)
      expect(await flows.get(this.#flowId)).toMatchObject({ type: 'progress', step: 'checkingConnection' })
      await this.#interrupt(interrupted)
    }
    this.#view = await submitted
    service.release()
    if (rivals.met.length > 0) this.#now.written = true
    if (rivals.met.includes('missing')) Object.assign(this.#now, { needs: false, removed: true })
    if (rivals.met.includes('disabled')) this.#now.needs = false
    this.#before = rivals.changed ?? this.#before
    expect(service.connects).toHaveLength(asked + 1)
    const token = this.#tokenFor(checked?.comes ?? '')
    if (shown?.step !== 'challenge') expect(service.connects.at(-1)).toMatchObject({ token, code: null })
    else expect(service.connects.at(-1)).toMatchObject({ code: '123456' })
    // In every state, only the account of the entry is saved.
    const saved =
      checked?.comes === 'connected' &&
      commits.some(({ comes }) => comes === 'created' || comes === 'updated')
    if (saved) {
      Object.assign(this.#now, { needs: false, running: true, committed: true, written: true })
      this.#entryId = this.#view.entryId ?? ''
    }
  }

  async #interrupt(event: string): Promise<void> {
    const { flows, entries } = this.#at
    if (event === 'cancel') await flows.cancel(this.#flowId)
    else if (event === 'entryRemoved') {
      await entries.remove(this.#entryId)
      this.#gone()
    } else {
      await entries.disable(this.#entryId)
      this.#off()
    }
  }

  async #wait(milliseconds: number): Promise<void> {
    const { revision } = this.#revision
    await this.#world.advance(milliseconds)
    await until(async () => (await this.#at.flows.get(this.#flowId)).revision !== revision)
    this.#view = await this.#at.flows.get(this.#flowId)
  }

  async #check({ rest }: StoryStep): Promise<void> {
    const view = this.#view
    if (view !== null) {
      expect(seen(view)).toEqual(told(rest))
      expect(await this.#at.flows.get(this.#flowId)).toEqual(view)
      if (view.type !== 'form') {
        const again = this.#at.flows.submit(this.#flowId, {}, this.#revision)
        await expect(again).rejects.toMatchObject({ code: 'FLOW_ENDED' })
      }
    }
    await this.#checkEntry()
    await this.#checkConnections()
    await this.#checkAttention(view?.type === 'form')
  }

  async #checkEntry(): Promise<void> {
    if (this.#entryId === '')
      return expect((await this.#at.entries.list()).items.length).toBeLessThanOrEqual(1)
    const entry = await this.#stored()
    const before = this.#before
    if (this.#now.removed) return expect(entry).toBeUndefined()
    if (before === undefined) return expect(entry).toMatchObject({ uniqueId: 'me', credentialRevision: 1 })
    // Unchanged to the byte, unless there was a reason to write.
    if (!this.#now.written) return expect(entry).toEqual(before)
    const { sealed, credentialRevision, uniqueId } = before
    if (!this.#now.committed) return expect(entry).toMatchObject({ sealed, credentialRevision, uniqueId })
    const mended = { uniqueId, reauth: null, rejectedRevision: null }
    expect(entry).toMatchObject({ ...mended, credentialRevision: credentialRevision + 1 })
    expect(entry?.sealed).not.toBe(sealed)
  }

  async #checkConnections(): Promise<void> {
    // Until then the user can switch to the other account.
    const view = this.#view
    if (view?.type === 'abort' && view.reason === 'wrong_account') await this.#world.advance(10 * MINUTE)
    await soon()
    expect(this.#world.service.open).toBe(this.#now.running ? 1 : 0)
    if (this.#entryId === '' || !this.#now.running || this.#now.removed) return
    const call = (client: ScriptedClient) => `${client.account} ${client.ping()}`
    if ((await this.#stored())?.disabled === false && !this.#now.written) {
      expect(await this.#at.entries.use(this.#world.integration, this.#entryId, call)).toBe('me pong')
    }
  }

  async #checkAttention(open: boolean): Promise<void> {
    const list = await this.#at.attention.list()
    expect(list.map(({ entryId }) => entryId)).toEqual(this.#now.needs ? [this.#entryId] : [])
    if (!this.#now.needs) return
    const superseded = this.#view?.type === 'abort' && this.#view.reason === 'already_in_progress'
    const flowId = open ? this.#flowId : superseded ? expect.any(String) : null
    expect(list[0]).toMatchObject({ reason: 'invalid_auth', flowId })
  }

  #gone(): void {
    Object.assign(this.#now, { needs: false, running: false, removed: true, written: true })
  }

  #off(): void {
    Object.assign(this.#now, { needs: false, running: false, written: true })
  }

  get #revision(): { readonly revision: number } {
    return { revision: this.#view?.revision ?? 0 }
  }

  #stored(): Promise<EntryRecord | undefined> {
    return this.#world.row(this.#scope, this.#entryId)
  }

  #token(kind: string): string {
    return tokenOf(this.#scope, kind)
  }

  #tokenFor(comes: string): string {
    return this.#token(comes === 'another account' ? 'other' : 'new')
  }

  #form(token: string): Record<string, string> {
    return this.#story.source === 'reauth' ? { token } : { host: 'hub', token }
  }
}
