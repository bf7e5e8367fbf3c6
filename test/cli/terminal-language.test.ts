import { describe, expect, it } from '@jest/globals'
import { terminalLanguage } from '../../src/cli/terminal-language.ts'

describe('terminalLanguage', () => {
  it.each([
    [{ LANG: 'de_AT.UTF-8' }, ['de-AT']],
    [{ LANG: 'de_DE.UTF-8', LC_MESSAGES: 'en_GB' }, ['en-GB']],
    [{ LANG: 'de_DE@euro', LC_ALL: '' }, ['de-DE']],
    [{ LC_ALL: 'C.UTF-8', LANG: 'de_DE' }, []],
    [{ LC_ALL: 'POSIX' }, []],
    [{}, []],
  ])('reads %j', (env, tags) => {
    expect(terminalLanguage(env)).toEqual(tags)
  })
})
