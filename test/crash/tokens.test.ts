import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from '@jest/globals'
import { describeTokenHosts } from './token-hosts.ts'

const folder = mkdtempSync(join(tmpdir(), 'latchkey-tokens-'))
let count = 0
afterAll(() => rmSync(folder, { recursive: true }))

describeTokenHosts('two processes with one token that has ended, and is good for one renewal', () =>
  join(folder, `${++count}.db`),
)
