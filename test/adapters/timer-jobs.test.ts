import { describe, it } from '@jest/globals'
import { SimulatedClock } from 'xstate'
import { timerJobs } from '../../src/adapters/timer-jobs.ts'
import { type JobsPlace, jobsContract } from '../../src/testing/jobs-contract.ts'

/** One process after another on a clock that the test advances. */
async function place(): Promise<JobsPlace> {
  const clock = new SimulatedClock()
  return {
    clock,
    process: timerJobs,
    pass: async (milliseconds) => {
      clock.increment(milliseconds)
      for (let step = 0; step < 5; step++) await new Promise((resolve) => setImmediate(resolve))
    },
  }
}

describe('timerJobs', () => {
  it.each(jobsContract)('$title', ({ run }) => run(place))
})
