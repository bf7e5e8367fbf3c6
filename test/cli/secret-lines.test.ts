import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { readLines } from '../../src/cli/read-lines.ts'
import { CliSandbox } from './cli-sandbox.ts'
import { privateKey } from './key-hub.ts'
import { KEY, TerminalUser } from './terminal-user.ts'

const CTRL_D = '\u0004'

describe('a secret of several lines in a terminal', () => {
  let sandbox: CliSandbox
  beforeEach(async () => {
    sandbox = await CliSandbox.open()
  })
  afterEach(() => sandbox.close())

  it('is stored as it was pasted, and not shown', async () => {
    const at = new TerminalUser(sandbox.folder, ['add', 'key_hub'])
    await at.sees('Private key: paste all lines, then press Ctrl-D')
    at.types(CTRL_D)
    await at.sees('This field is required.')
    await at.sees('paste all lines')
    at.types(`\u001b[200~${privateKey.replaceAll('\n', '\r')}\u001b[201~${CTRL_D}`)
    await at.sees('Key account was linked (loaded).')
    expect(await at.ends()).toBe(0)
    expect(at.bytes).not.toMatch(/BEGIN KEY|MIIEvQIB|hkiG9w0B/)
  })

  it('is cancelled with Ctrl-C', async () => {
    const at = new TerminalUser(sandbox.folder, ['add', 'key_hub'])
    await at.sees('paste all lines')
    at.types(`part of it${KEY.ctrlC}`)
    expect(await at.ends()).not.toBe(0)
    expect(await sandbox.look(async ({ entries }) => (await entries.list()).items)).toEqual([])
  })
})

describe('readLines', () => {
  const read = (type: (input: PassThrough, controller: AbortController) => void) => {
    const input = new PassThrough()
    const controller = new AbortController()
    const text = readLines({ input, signal: controller.signal })
    type(input, controller)
    return text
  }

  it('reads to the end of the input, also if a letter arrives in two parts', async () => {
    const bytes = Buffer.from('a\r\nb€\rc\n')
    const text = await read((input) => {
      input.write(bytes.subarray(0, 5))
      input.end(bytes.subarray(5))
    })
    expect(text).toBe('a\nb€\nc\n')
  })

  it('deletes the last letter with backspace, and ignores what follows Ctrl-D', async () => {
    expect(await read((input) => input.write(`\u007fab\u007f\u007f\bxy\n${CTRL_D}z`))).toBe('xy\n')
  })

  it('returns null if it is cancelled', async () => {
    expect(await read((input) => input.write(`a${KEY.ctrlC}b${CTRL_D}`))).toBeNull()
    expect(await read((_, controller) => controller.abort())).toBeNull()
    const signal = AbortSignal.abort()
    expect(await readLines({ input: new PassThrough(), signal })).toBeNull()
  })
})
