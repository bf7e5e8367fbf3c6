import { createConnection, isIP, isIPv6 } from 'node:net'
import { ErrorWithReasonCode, MqttClient } from 'mqtt'
import * as z from 'zod'
import {
  address,
  CannotConnectError,
  defineIntegration,
  InvalidAuthError,
  type Lookup,
  SetupError,
  secret,
} from '../../src/index.ts'

/** What a host does with an account: see `entries.use`. */
interface MqttAccount {
  /** In degrees Celsius. */
  temperature(): Promise<number>
}

/** An account of an MQTT broker, told apart by the identity that the broker keeps in `accounts/<username>/id`. */
export const mqtt = defineIntegration({
  domain: 'mqtt',
  title: 'MQTT account',
  fields: z.object({
    address: address({ schemes: ['mqtt'] }).meta({ title: 'Address', examples: ['192.168.1.2:1883'] }),
    // It becomes part of a topic, where these have a meaning.
    username: z
      .string()
      .regex(/^[^/+#\0]{1,64}$/)
      .meta({ title: 'User name' }),
    password: secret().meta({ title: 'Password' }),
  }),
  reauth: ['username', 'password'],
  texts: {
    en: { error: { invalid_auth: 'The broker refused the user name or the password.' } },
    de: {
      title: 'MQTT-Konto',
      data: { address: 'Adresse', username: 'Benutzername', password: 'Passwort' },
      error: { invalid_auth: 'Der Broker hat Benutzername oder Passwort abgelehnt.' },
    },
  },
  async connect({ address, username, password }, { lookup, signal, lost }) {
    const { host, port } = await target(address, lookup)
    signal.throwIfAborted()
    const client = new MqttClient(() => createConnection({ host, port, ...(lookup && { lookup }) }), {
      username,
      password: password.reveal(),
      clientId: crypto.randomUUID(),
      connectTimeout: 10_000,
      reconnectPeriod: 0, // Latchkey decides when to log in again
    })
    const giveUp = () => client.end(true)
    signal.addEventListener('abort', giveUp)
    try {
      await loggedIn(client)
      client.on('close', () => lost())
      const uniqueId = await read(client, `accounts/${username}/id`)
      const temperature = async () => Number(await read(client, `accounts/${username}/temperature`))
      const account: MqttAccount = { temperature }
      return { client: account, uniqueId, title: username, dispose: () => client.endAsync(true) }
    } catch (error) {
      await client.endAsync(true)
      throw error
    } finally {
      signal.removeEventListener('abort', giveUp)
    }
  },
})

/** Where to connect to. `createConnection` asks `lookup` about names only, so what is an IP already is asked here. */
async function target(address: string, lookup: Lookup | undefined): Promise<{ host: string; port: number }> {
  const bare = isIPv6(address) ? `[${address}]` : address
  const { hostname, port } = new URL(bare.includes('://') ? bare : `mqtt://${bare}`)
  const host = hostname.replace(/^\[|\]$/g, '')
  const found = { host, port: Number(port || 1883) }
  if (lookup === undefined || isIP(host) === 0) return found
  return new Promise((resolve, reject) => {
    lookup(host, {}, (error, answer) => {
      if (error !== null) reject(error)
      else resolve({ ...found, host: String(answer) })
    })
  })
}

/** Resolves when the broker has let the client in. */
function loggedIn(client: MqttClient): Promise<void> {
  return new Promise((resolve, reject) => {
    client.once('connect', () => resolve())
    client.once('close', () => reject(new CannotConnectError('The broker closed the connection.')))
    // Stays for good: an error that nobody listens to ends the process. A 'close' follows each.
    client.on('error', (error) => reject(refusal(error)))
  })
}

/** CONNACK 4 is "bad user name or password", 5 "not authorized" (MQTT 3.1.1, 3.2.2.3). */
function refusal(error: Error): Error {
  const refused = error instanceof ErrorWithReasonCode && (error.code === 4 || error.code === 5)
  if (refused) return new InvalidAuthError('The broker refused the user name or the password.')
  return new CannotConnectError('The broker could not be reached.', { cause: error })
}

/** What a retained topic holds: the broker sends it with each subscription, an old one too. */
function read(client: MqttClient, topic: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const onMessage = (from: string, payload: Buffer) => {
    if (from === topic) resolve(payload.toString())
  }
  const onClose = () => reject(new CannotConnectError('The broker closed the connection.'))
  const onDenied = () => reject(new SetupError(`The broker does not let this account read ${topic}.`))
  const onSilence = () => reject(new CannotConnectError(`The broker sent nothing for ${topic}.`))
  const timer = setTimeout(onSilence, 3_000)
  client.on('message', onMessage).on('close', onClose)
  if (client.connected) client.subscribeAsync(topic).catch(() => (client.connected ? onDenied() : onClose()))
  else onClose()
  return promise.finally(() => {
    clearTimeout(timer)
    client.off('message', onMessage).off('close', onClose)
  })
}
