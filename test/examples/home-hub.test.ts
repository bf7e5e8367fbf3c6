import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from '@jest/globals'

const root = resolve(import.meta.dirname, '../..')

/** Runs the example like `npm run start:terminal`, without a terminal. */
async function start(...args: string[]) {
  const child = spawn(process.execPath, ['examples/home-hub/terminal-main.ts', ...args], {
    cwd: root,
    stdio: 'pipe',
  })
  child.stdin.end()
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, stdout, stderr }
}

describe('npm run start:terminal -- --script', () => {
  it('plays the whole story, line by line, without printing a password', async () => {
    const { code, stdout, stderr } = await start('--script')
    expect(stdout).toBe(readFileSync(join(import.meta.dirname, 'home-hub-story.txt'), 'utf8'))
    expect(stderr).toBe('')
    expect(code).toBe(0)
    expect(stdout).not.toMatch(/(first|second|third) password of alice|password of bob|not-the-password/)
  })

  it('fails with the line of the first difference if the broker accepts any password', async () => {
    const { code, stdout, stderr } = await start('--script', '--careless')
    expect(code).toBe(1)
    expect(stdout).toMatch(/✗ step +create_entry\n +expected +user \[/)
    expect(stderr).toContain('The story failed: step: create_entry instead of user [')
    expect(stderr).not.toContain('    at ')
  })
})

describe('npm run start:terminal', () => {
  it('explains what to do without a terminal', async () => {
    const { code, stdout, stderr } = await start()
    expect(stderr).toBe(
      'The home hub needs a terminal. Play its story without one: npm run start:terminal -- --script\n',
    )
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  })

  it('prints the usage for an unknown option', async () => {
    const { code, stderr } = await start('--nonsense')
    expect(code).toBe(2)
    expect(stderr).toContain('npm run start:terminal -- --script')
    expect(stderr).not.toContain('    at ')
  })
})
