import { timerJobs } from '../../src/adapters/timer-jobs.ts'
import type { Feed } from '../../src/ports/feed.ts'
import type { Jobs, JobsHost, Task } from '../../src/ports/jobs.ts'
import type { Store } from '../../src/ports/store.ts'
import { FailingStore } from '../../src/testing/index.ts'

/** Recurring tasks that show whether one of them is in its turn. */
export class WatchedJobs implements Jobs {
  /** The number of turns in progress, from the claim of the task to its release. */
  turns = 0
  readonly #jobs = timerJobs()

  start(tasks: readonly Task[], host: JobsHost): Promise<void> {
    const claim: JobsHost['claim'] = async (task) => {
      this.turns++
      const end = () => {
        this.turns--
      }
      const claimed = await host.claim(task).catch((error: unknown) => {
        end()
        throw error
      })
      if (claimed === null) end()
      return claimed && { lost: claimed.lost, release: () => claimed.release().finally(end) }
    }
    return this.#jobs.start(tasks, { ...host, claim })
  }

  stop(): Promise<void> {
    return this.#jobs.stop()
  }
}

/**
 * A store without notifications. A story counts the reads of its work, so only that work may read. Changes of other
 * processes take effect at the next use, or when the story catches up.
 */
export class UnheardStore extends FailingStore {
  override readonly feed: Feed

  constructor(inner: Store) {
    super(inner)
    const { feed } = inner
    this.feed = {
      head: (scope) => feed.head(scope),
      read: (scope, since) => feed.read(scope, since),
      moved: (since) => feed.moved(since),
      purge: (before) => feed.purge(before),
      listen: () => () => {},
      stamp: () => feed.stamp?.() ?? 0,
    }
  }
}
