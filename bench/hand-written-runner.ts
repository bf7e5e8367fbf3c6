import { InvalidAuthError } from '../src/index.ts'
import { expectEnd, type FlowRunner } from './flow-runner.ts'
import { badToken, connect, fields, freshToken, host } from './service.ts'

type Connected = Awaited<ReturnType<typeof connect>>
interface Entry {
  readonly uniqueId: string
  readonly title: string
  readonly host: string
  readonly token: string
}
interface Flow {
  readonly flowId: string
  readonly entryId: string | null
}
type Shown = { readonly flowId: string; readonly step: string; readonly error?: string }

/** A flow without a statechart, as a developer might write it: a class, maps and zod. */
class HandWritten {
  readonly #entries = new Map<string, Entry>()
  readonly #claims = new Map<string, string>()
  readonly #loaded = new Map<string, Connected>()
  readonly #flows = new Map<string, Flow>()

  async start(entryId: string | null): Promise<Shown> {
    const flow = { flowId: crypto.randomUUID(), entryId }
    this.#flows.set(flow.flowId, flow)
    return this.#form(flow)
  }

  async submit(flowId: string, input: Readonly<Record<string, string>>): Promise<Shown> {
    const flow = this.#flows.get(flowId)
    if (flow === undefined) return { flowId, step: 'unknown_flow' }
    const entry = flow.entryId === null ? undefined : this.#entries.get(flow.entryId)
    const whole = entry === undefined ? input : { host: entry.host, ...input }
    const parsed = fields.safeParse(whole)
    if (!parsed.success) return this.#form(flow, 'invalid')
    try {
      const connected = await connect(parsed.data)
      return await this.#finish(flow, entry, connected, parsed.data.token.reveal())
    } catch (error) {
      if (!(error instanceof InvalidAuthError)) throw error
      return this.#form(flow, 'invalid_auth')
    }
  }

  async #finish(flow: Flow, entry: Entry | undefined, connected: Connected, token: string): Promise<Shown> {
    const { flowId, entryId = null } = flow
    this.#flows.delete(flowId)
    const { uniqueId, title } = connected
    if (entry !== undefined && entryId !== null) {
      if (entry.uniqueId !== uniqueId) {
        connected.dispose()
        return { flowId, step: 'wrong_account' }
      }
      this.#entries.set(entryId, { ...entry, token })
      await this.#reload(entryId, connected)
      return { flowId, step: 'reauth_successful' }
    }
    if (this.#claims.has(uniqueId)) return { flowId, step: 'already_configured' }
    const created = crypto.randomUUID()
    this.#entries.set(created, { uniqueId, title, host, token })
    this.#claims.set(uniqueId, created)
    await this.#reload(created, connected)
    return { flowId: created, step: 'create_entry' }
  }

  async #reload(entryId: string, connected: Connected): Promise<void> {
    this.#loaded.get(entryId)?.dispose()
    this.#loaded.delete(entryId)
    this.#loaded.set(entryId, connected)
  }

  #form({ flowId, entryId }: Flow, error?: string): Shown {
    return {
      flowId,
      step: entryId === null ? 'user' : 'reauth_confirm',
      ...(error !== undefined && { error }),
    }
  }
}

/** The minimum cost of the work in this language. */
export async function handWrittenRunner(): Promise<FlowRunner> {
  const manager = new HandWritten()
  let accounts = 0
  const first = await manager.start(null)
  const { flowId: entryId } = await manager.submit(first.flowId, { host, token: freshToken('mine') })
  const reauth = async (account: string) => {
    const form = await manager.start(entryId)
    return manager.submit(form.flowId, { token: freshToken(account) })
  }
  return {
    reauth: async () => expectEnd((await reauth('mine')).step, 'reauth_successful'),
    wrongAccount: async () => expectEnd((await reauth('other')).step, 'wrong_account'),
    async user() {
      const { flowId } = await manager.start(null)
      expectEnd((await manager.submit(flowId, { host, token: badToken })).error, 'invalid_auth')
      const good = { host, token: freshToken(`account-${++accounts}`) }
      expectEnd((await manager.submit(flowId, good)).step, 'create_entry')
    },
  }
}
