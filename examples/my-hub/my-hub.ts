import * as z from 'zod'
import { address, defineIntegration, token } from '../../src/index.ts'
import { icons } from '../icons.ts'
import { MyClient } from './my-client.ts'

/** The hub of the example: a host and an API token. */
export const myHub = defineIntegration({
  domain: 'my_hub',
  title: 'My Hub',
  icon: icons.hub,
  description: 'Local devices through a hub',
  category: 'home',
  docs: 'https://hub.example/help',
  keywords: ['bridge', 'zigbee'],
  fields: z.object({
    host: address({ schemes: ['http', 'https'] }).meta({
      title: 'Host',
      description: 'Name or IP address of the hub in your network.',
      examples: ['192.168.1.2:8080'],
    }),
    apiToken: token().meta({ title: 'API token', description: 'From the settings of the hub.' }),
  }),
  texts: {
    de: {
      description: 'Lokale Geräte über eine Zentrale',
      data: { host: 'Adresse', apiToken: 'API-Token' },
      data_description: {
        host: 'Name oder IP-Adresse der Zentrale in Ihrem Netzwerk.',
        apiToken: 'Aus den Einstellungen der Zentrale.',
      },
    },
    fr: {
      description: 'Appareils locaux via un hub',
      data: { host: 'Hôte', apiToken: 'Jeton d’API' },
      data_description: {
        host: 'Nom ou adresse IP du hub sur votre réseau.',
        apiToken: 'À créer dans les réglages du hub.',
      },
    },
  },
  async connect({ host, apiToken }, { fetch, signal }) {
    const client = new MyClient(host, apiToken.reveal(), fetch)
    const account = await client.checkConnection({ signal })
    return { client, uniqueId: account.id, title: account.name }
  },
})
