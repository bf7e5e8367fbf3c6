import { timingSafeEqual } from 'node:crypto'
import { Hono } from 'hono'
import type { Latchkey } from '../../src/index.ts'
import { announce } from './announce.ts'
import type { Device } from './device.ts'
import type { Household } from './household.ts'

/** The state of the simulated services, including valid credentials. None of them protects anything. */
export interface ExampleState {
  readonly mqtt: {
    readonly address: string
    readonly running: boolean
    readonly accounts: readonly {
      readonly username: string
      readonly password: string
      readonly accountId: string
    }[]
  }
  readonly device: {
    readonly host: string
    readonly running: boolean
    readonly token: string
    readonly accountId: string
    readonly neighborsToken: string
  }
  /** The discovered device. */
  readonly attic: {
    readonly host: string
    readonly token: string
  }
}

const OTHER_ACCOUNT = 'account-9'

/** The controls of the simulated services. Requires the page's token: `GET /state`, `POST /<action>`. */
export function exampleControls({ household, latchkey, device, attic, token }: Controlled): Hono {
  const { broker } = household
  const actions: Readonly<Record<string, () => void | Promise<void>>> = {
    'mqtt-password': () => broker.changePassword('alice', nextPassword(alice(household).password)),
    'mqtt-stop': () => broker.stop(),
    'mqtt-start': () => broker.restart(),
    'mqtt-drop': () => broker.dropSessions(),
    'mqtt-swap': () =>
      broker.swapAccount('alice', alice(household).accountId === OTHER_ACCOUNT ? 'account-1' : OTHER_ACCOUNT),
    'device-revoke': () => device.revokeToken(),
    'device-stop': () => device.goDown(true),
    'device-start': () => device.goDown(false),
    'device-swap': () => device.swapAccount(),
    'device-move': async () => {
      await device.move()
      await announce(latchkey, device)
    },
    'attic-announce': () => announce(latchkey, attic),
  }
  const state = (): ExampleState => ({
    mqtt: {
      address: broker.address,
      running: broker.running,
      accounts: broker.accounts.map(({ username, password, accountId }) => ({
        username,
        password,
        accountId,
      })),
    },
    device: {
      host: device.host,
      running: device.running,
      token: device.state.token,
      accountId: device.state.accountId,
      neighborsToken: device.neighborsToken,
    },
    attic: { host: attic.host, token: attic.state.token },
  })

  const app = new Hono()
  app.use(async (context, next) => {
    context.header('cache-control', 'no-store')
    if (!bears(context.req.header('authorization'), token)) return context.body(null, 401)
    return next()
  })
  app.get('/state', (context) => context.json(state()))
  app.post('/:action', async (context) => {
    const name = context.req.param('action')
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined
    if (action === undefined) return context.body(null, 404)
    await action()
    household.devices = { device: device.state, attic: attic.state }
    await household.save()
    return context.json(state())
  })
  return app
}

interface Controlled {
  readonly household: Household
  readonly latchkey: Latchkey
  readonly device: Device
  readonly attic: Device
  /** The bearer token of the page. */
  readonly token: string
}

function alice({ broker }: Household) {
  const account = broker.accounts.find(({ username }) => username === 'alice')
  if (account === undefined) throw new Error('The broker does not have the account alice.')
  return account
}

/** Returns a new password: `latchkey`, `latchkey-2`, `latchkey-3`. Easy to type, and never used before. */
function nextPassword(password: string): string {
  const [, name = password, number = '1'] = /^(.*?)(?:-(\d+))?$/.exec(password) ?? []
  return `${name}-${Number(number) + 1}`
}

function bears(authorization: string | undefined, token: string): boolean {
  const received = Buffer.from(authorization ?? '')
  const expected = Buffer.from(`Bearer ${token}`)
  return received.length === expected.length && timingSafeEqual(received, expected)
}
