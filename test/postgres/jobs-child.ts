// A process that runs a task on pg-boss. Its first turn does not end by itself.
import { pgBossJobs } from '../../src/adapters/pg-boss/pg-boss-jobs.ts'
import { clock } from './real-clock.ts'

const [url = ''] = process.argv.slice(2)
const tell = (event: string): void => void process.send?.(event)

const jobs = pgBossJobs(url)
await jobs.start(
  [
    {
      name: 'endless',
      every: 1_000,
      run: async (signal) => {
        tell('begun')
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
        tell('signal')
      },
    },
  ],
  {
    clock,
    claim: async () => null,
    report: (error) => tell(String(error)),
  },
)
tell('started')
process.on('message', () => void jobs.stop().then(() => process.exit()))
