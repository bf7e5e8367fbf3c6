import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import mqttJs, { type MqttClient } from 'mqtt'
import { Broker } from '../../examples/home-hub/broker.ts'
import { firstAccounts } from '../../examples/home-hub/household.ts'
import { eventually } from './eventually.ts'

let broker: Broker
const clients: MqttClient[] = []

beforeEach(async () => {
  broker = await Broker.start({ accounts: firstAccounts })
})

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.endAsync(true)))
  await broker.stop()
})

async function logIn(username: string, password = 'latchkey'): Promise<MqttClient> {
  const options = { username, password, reconnectPeriod: 0 }
  const client = await mqttJs.connectAsync(`mqtt://${broker.address}`, options, false)
  clients.push(client)
  return client
}

async function firstMessage(client: MqttClient, topic: string): Promise<string> {
  const message = new Promise<string>((resolve) =>
    client.once('message', (_, payload) => resolve(payload.toString())),
  )
  await client.subscribeAsync(topic)
  return message
}

describe('Broker', () => {
  it('lets an account read its own topics', async () => {
    const alice = await logIn('alice')
    expect(await firstMessage(alice, 'accounts/alice/id')).toBe('account-1')
    expect(await firstMessage(alice, 'accounts/alice/temperature')).toBe('21.5')
  })

  it.each(['accounts/bob/id', 'accounts/+/id', 'accounts/#', '#', '$SYS/#'])(
    'does not let an account read %s',
    async (topic) => {
      const alice = await logIn('alice')
      const topics: string[] = []
      alice.on('message', (from) => topics.push(from))
      await expect(alice.subscribeAsync(topic)).rejects.toThrow()
      await broker.swapAccount('bob', 'account-3')
      // The response to a later request means that all earlier ones were processed.
      await firstMessage(alice, 'accounts/alice/id')
      expect(topics).toEqual(['accounts/alice/id'])
    },
  )

  it('does not let clients publish', async () => {
    const alice = await logIn('alice')
    alice.publish('accounts/alice/id', 'account-9', { qos: 1, retain: true })
    await eventually(() => expect(alice.connected).toBe(false))
    expect(await firstMessage(await logIn('alice'), 'accounts/alice/id')).toBe('account-1')
  })

  it('rejects a bad password with 4 and a locked account with 5, and counts both', async () => {
    broker.lock('bob')
    await expect(logIn('alice', 'other')).rejects.toMatchObject({ code: 4 })
    await expect(logIn('nobody')).rejects.toMatchObject({ code: 4 })
    await expect(logIn('bob')).rejects.toMatchObject({ code: 5 })
    await logIn('alice')
    expect({ accepted: broker.accepted, refused: broker.refused }).toEqual({ accepted: 1, refused: 3 })
    await eventually(() => expect(broker.open).toBe(1))
  })

  it('closes only the sessions of the account whose password changes', async () => {
    const alice = await logIn('alice')
    const bob = await logIn('bob')
    broker.changePassword('alice', 'another')
    await eventually(() => expect(alice.connected).toBe(false))
    expect(bob.connected).toBe(true)
    await expect(logIn('alice')).rejects.toMatchObject({ code: 4 })
    await expect(logIn('alice', 'another')).resolves.toBeDefined()
  })

  it('restarts on the same port with the same accounts', async () => {
    const { port } = broker
    broker.changePassword('alice', 'another')
    await broker.stop()
    await expect(logIn('alice', 'another')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await broker.restart()
    expect(broker.port).toBe(port)
    expect(await firstMessage(await logIn('alice', 'another'), 'accounts/alice/id')).toBe('account-1')
  })
})
