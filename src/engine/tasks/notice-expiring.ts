import type { Task } from '../../ports/jobs.ts'
import type { Core } from '../kernel/core.ts'

const EVERY = 10_000

/** Notifies listeners of credentials that expire soon. The attention list includes them from then on. */
export function noticeExpiring({ store, clock, limits, events }: Core): Task {
  /** Listeners have been notified of credentials that expire before this time. */
  let noticedUntil: number | null = null
  const initial = clock.now() + limits.expiryNotice
  return {
    name: 'notice_expiring',
    every: EVERY,
    run: async () => {
      const until = clock.now() + limits.expiryNotice
      // After the clock was set back, notices start again.
      const from = Math.min(noticedUntil ?? initial, until)
      for (const entry of await store.findExpiring(from, until)) events.emit('attention_changed', entry)
      noticedUntil = until
    },
  }
}
