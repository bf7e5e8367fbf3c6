import type { Latchkey } from '../../src/index.ts'
import { myHub } from '../my-hub/my-hub.ts'
import type { Device } from './device.ts'

/** Reports a device's announcement to the hub, like a host that scans its network. */
export async function announce(latchkey: Latchkey, { announcement: discovery }: Device): Promise<void> {
  await latchkey.flows.start({ domain: myHub.domain, source: 'discovery', discovery })
}

/** Reports a device again after its entry was removed or is no longer ignored. @returns a function that stops this */
export function announceAgain(latchkey: Latchkey, devices: readonly Device[]): () => void {
  return latchkey.on('rediscover', ({ discoveryKeys }) => {
    for (const device of devices) {
      // The hub has stopped or has too many open flows.
      if (discoveryKeys.includes(device.announcement.key)) void announce(latchkey, device).catch(() => {})
    }
  })
}
