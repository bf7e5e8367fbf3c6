import { afterAll, beforeAll } from '@jest/globals'
import { CrashPlace } from './crash-place.ts'
import { describeFourProcesses } from './four-processes.ts'

const place = new CrashPlace()
beforeAll(() => place.prepare())
afterAll(() => place.clear())

describeFourProcesses('a SQLite database', async () => place.copy('empty'), 200)
