import { createConnection, isIP } from 'node:net'
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
import { icons } from '../icons.ts'

/** The client that `entries.use` passes to the host. */
interface MqttAccount {
  /** Returns degrees Celsius. */
  temperature(): Promise<number>
  /** Returns the content of a topic of the account. */
  value(topic: string): Promise<string>
  /** Returns the values of the sensors that users have added to the account, by title. */
  readings(): Promise<Readonly<Record<string, string>>>
}

/** An account of an MQTT broker. Its unique id is the content of `accounts/<username>/id`. */
export const mqtt = defineIntegration({
  domain: 'mqtt',
  title: 'MQTT account',
  icon: icons.mqtt,
  description: 'Sensors over a message broker',
  category: 'home',
  docs: 'https://mqtt.org',
  keywords: ['broker', 'mosquitto'],
  fields: z.object({
    address: address({ schemes: ['mqtt'] }).meta({ title: 'Address', examples: ['192.168.1.2:1883'] }),
    // The name becomes part of a topic, in which these characters have a meaning.
    username: z
      .string()
      .regex(/^[^/+#\0]{1,64}$/)
      .meta({ title: 'User name' }),
    password: secret().meta({ title: 'Password' }),
  }),
  reauth: ['username', 'password'],
  texts: {
    en: {
      error: {
        invalid_auth: 'The broker rejected the user name or the password.',
        no_such_topic: 'This account cannot read the topic.',
      },
    },
    de: {
      title: 'MQTT-Konto',
      description: 'Sensoren über einen Broker',
      data: { address: 'Adresse', username: 'Benutzername', password: 'Passwort' },
      subentries: { sensor: 'Sensor' },
      step: { sensor: { data: { name: 'Name', topic: 'Topic' } } },
      error: {
        invalid_auth: 'Der Broker hat Benutzername oder Passwort abgelehnt.',
        no_such_topic: 'Das Konto darf dieses Topic nicht lesen.',
      },
    },
    fr: {
      title: 'Compte MQTT',
      description: 'Capteurs via un broker',
      data: { address: 'Hôte', username: 'Nom d’utilisateur', password: 'Mot de passe' },
      subentries: { sensor: 'Capteur' },
      step: { sensor: { data: { name: 'Nom', topic: 'Topic' } } },
      error: {
        invalid_auth: 'Le broker a refusé le nom d’utilisateur ou le mot de passe.',
        no_such_topic: 'Ce compte ne peut pas lire ce topic.',
      },
    },
  },
  async connect({ address, username, password }, { lookup, signal, lost, subentries }) {
    const { host, port } = await target(address, lookup)
    signal.throwIfAborted()
    const client = new MqttClient(() => createConnection({ host, port, ...(lookup && { lookup }) }), {
      username,
      password: password.reveal(),
      clientId: crypto.randomUUID(),
      connectTimeout: 10_000,
      reconnectPeriod: 0, // Latchkey decides when to connect again
    })
    const giveUp = () => client.end(true)
    signal.addEventListener('abort', giveUp)
    try {
      await loggedIn(client)
      client.on('close', () => lost())
      const value = (topic: string) => read(client, `accounts/${username}/${topic}`)
      const account: MqttAccount = {
        temperature: async () => Number(await value('temperature')),
        value,
        readings: async () => {
          const read = subentries.map(
            async ({ title, values }) => [title, await value(values.topic)] as const,
          )
          return Object.fromEntries(await Promise.all(read))
        },
      }
      return {
        client: account,
        uniqueId: await value('id'),
        title: username,
        dispose: () => client.endAsync(true),
      }
    } catch (error) {
      await client.endAsync(true)
      throw error
    } finally {
      signal.removeEventListener('abort', giveUp)
    }
  },
  subentries: {
    sensor: {
      title: 'Sensor',
      fields: z.object({
        name: z.string().min(1).max(100).meta({ title: 'Name' }),
        topic: z
          .string()
          .regex(/^[^+#\0]{1,100}$/)
          .meta({ title: 'Topic', examples: ['temperature'] }),
      }),
      async check({ name, topic }, { client }) {
        try {
          await client.value(topic)
          return { title: name, uniqueId: topic }
        } catch (error) {
          if (error instanceof SetupError) return { error: 'no_such_topic', field: 'topic' }
          throw error
        }
      },
    },
  },
})

/** Resolves the address. `createConnection` calls `lookup` only for names, so IP addresses are checked here. */
async function target(address: string, lookup: Lookup | undefined): Promise<{ host: string; port: number }> {
  const { hostname, port } = new URL(address.includes('://') ? address : `mqtt://${address}`)
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

/** Resolves after the broker has accepted the client. */
function loggedIn(client: MqttClient): Promise<void> {
  return new Promise((resolve, reject) => {
    client.once('connect', () => resolve())
    client.once('close', () => reject(new CannotConnectError('The broker closed the connection.')))
    // Never removed: an error without a listener would end the process. A 'close' follows each error.
    client.on('error', (error) => reject(refusal(error)))
  })
}

/** CONNACK 4 means "bad user name or password", 5 "not authorized" (MQTT 3.1.1, 3.2.2.3). */
function refusal(error: Error): Error {
  const refused = error instanceof ErrorWithReasonCode && (error.code === 4 || error.code === 5)
  if (refused) return new InvalidAuthError('The broker rejected the user name or the password.')
  return new CannotConnectError('The broker could not be reached.', { cause: error })
}

/** Returns the content of a retained topic. The broker sends it after each subscription. */
function read(client: MqttClient, topic: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const onMessage = (from: string, payload: Buffer) => {
    if (from === topic) resolve(payload.toString())
  }
  const onClose = () => reject(new CannotConnectError('The broker closed the connection.'))
  const onDenied = () => reject(new SetupError(`This account may not read ${topic}.`))
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
