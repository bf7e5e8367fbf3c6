import { createActor, fromPromise } from 'xstate'
import type { CheckResult } from '../machines/check-result.ts'
import { configFlowMachine } from '../machines/config-flow.ts'
import type { ConfigFlowInput } from '../machines/config-flow-input.ts'
import { Connection, Draft } from '../machines/draft.ts'
import type { EntryCommit } from '../machines/flow-result.ts'
import { InvalidAuthError } from '../src/index.ts'
import { expectEnd, type FlowRunner } from './flow-runner.ts'
import { badToken, connect, fields, freshToken, host } from './service.ts'

type Connected = Awaited<ReturnType<typeof connect>>
type Values = Readonly<Record<string, unknown>>
interface Entry {
  readonly uniqueId: string | null
  readonly title: string
  readonly values: Values
  readonly credentialRevision: number
}

/**
 * The statechart of the config flow as an XState actor, without Latchkey: no manager and no records, entries in a Map.
 */
export async function bareRunner(): Promise<FlowRunner> {
  const entries = new Map<string, Entry>()
  const claims = new Map<string | null, string>()
  const loaded = new Map<string, Connected>()

  const setUp = (entryId: string, connection: Connection | null) => {
    loaded.get(entryId)?.dispose()
    loaded.delete(entryId)
    loaded.set(entryId, connection?.reveal() as Connected)
  }
  const check = async (values: Values): Promise<CheckResult> => {
    const parsed = fields.safeParse(values)
    if (!parsed.success) return { type: 'failed', error: 'unknown' }
    try {
      const connected = await connect(parsed.data)
      return { type: 'connected', uniqueId: connected.uniqueId, connection: new Connection(connected) }
    } catch (error) {
      if (!(error instanceof InvalidAuthError)) throw error
      return { type: 'failed', error: 'invalid_auth' }
    }
  }
  const create = ({ draft, uniqueId, connection }: EntryCommit) => {
    if (claims.has(uniqueId)) return { type: 'taken', entryId: '', linked: null } as const
    const entryId = crypto.randomUUID()
    entries.set(entryId, {
      uniqueId,
      title: (connection.reveal() as Connected).title,
      values: draft.reveal().values,
      credentialRevision: 1,
    })
    claims.set(uniqueId, entryId)
    setUp(entryId, connection)
    return { type: 'created', entryId } as const
  }
  const update = (entryId: string, { draft }: EntryCommit) => {
    const entry = entries.get(entryId)
    if (entry === undefined) return { type: 'missing' } as const
    const credentialRevision = entry.credentialRevision + 1
    entries.set(entryId, { ...entry, values: draft.reveal().values, credentialRevision })
    return { type: 'updated' } as const
  }
  const machine = configFlowMachine.provide({
    actors: {
      findEntry: fromPromise(async ({ input }) => {
        const entry = entries.get(input.entryId ?? '')
        return entry === undefined ? { type: 'missing' } : { type: 'found', entry: { ...entry } }
      }),
      checkConnection: fromPromise(async ({ input }) => check(input.draft?.reveal().values ?? {})),
      createEntry: fromPromise(async ({ input }) => create(input)),
      updateEntry: fromPromise(async ({ input }) => update(input.entryId ?? '', input)),
      reloadEntry: fromPromise(async ({ input }) => setUp(input.entryId ?? '', input.connection)),
    },
    actions: {
      closeConnection: (_, { connection }) => (connection?.reveal() as Connected | undefined)?.dispose(),
    },
  })

  /** Starts an actor and submits values at each form until it is done. */
  const play = async (input: ConfigFlowInput, ...submits: Values[]) => {
    const actor = createActor(machine, { input })
    let wake = () => {}
    const rest = () =>
      new Promise<void>((resolve) => {
        wake = resolve
      })
    actor.subscribe((snapshot) => {
      if (snapshot.status !== 'active' || snapshot.hasTag('asking')) wake()
    })
    let resting = rest()
    actor.start()
    await resting
    for (const values of submits) {
      resting = rest()
      actor.send({ type: 'submit', draft: new Draft({ values }), values: { host } })
      await resting
    }
    return actor.getSnapshot().output
  }
  const user = (...submits: Values[]) =>
    play({ flowId: crypto.randomUUID(), source: 'user', entryId: null }, ...submits)
  const reauth = (account: string) =>
    play({ flowId: crypto.randomUUID(), source: 'reauth', entryId }, { host, token: freshToken(account) })

  let accounts = 0
  const entryId = (await user({ host, token: freshToken('mine') }))?.entryId ?? ''
  return {
    reauth: async () => expectEnd((await reauth('mine'))?.reason, 'reauth_successful'),
    wrongAccount: async () => expectEnd((await reauth('other'))?.reason, 'wrong_account'),
    async user() {
      const good = freshToken(`account-${++accounts}`)
      expectEnd((await user({ host, token: badToken }, { host, token: good }))?.type, 'create_entry')
    },
  }
}
