import type { Latchkey } from '../../src/index.ts'
import { myHub } from '../my-hub/my-hub.ts'
import type { Device } from './device.ts'

/** Tells the hub what a device says of itself, as a host does that listens to its network. */
export async function announce(latchkey: Latchkey, { announcement: discovery }: Device): Promise<void> {
  await latchkey.flows.start({ domain: myHub.domain, source: 'discovery', discovery })
}

/** Tells it once more of a device that it has let go of: removed, or not ignored any more. @returns how to stop */
export function announceAgain(latchkey: Latchkey, devices: readonly Device[]): () => void {
  return latchkey.on('rediscover', ({ discoveryKeys }) => {
    for (const device of devices) {
      // The hub has ended, or is full: then there is nobody to tell.
      if (discoveryKeys.includes(device.announcement.key)) void announce(latchkey, device).catch(() => {})
    }
  })
}
