import { type NodeNetwork, nodeNetwork } from '../../../src/adapters/node/node-network.ts'
import type { Lookup } from '../../../src/ports/network.ts'

const resolve: Lookup = (_name, _options, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }])

/** A network in which each name is an address of this machine. It refuses webhooks without encryption. */
export const localNetwork = (): NodeNetwork =>
  nodeNetwork({ allow: (address) => address === '127.0.0.1', resolve })
