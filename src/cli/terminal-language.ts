/** The language of a terminal, as POSIX names it (`de_AT.UTF-8`); none where it is left to the host. */
export function terminalLanguage(env: Readonly<Record<string, string | undefined>>): string[] {
  const locale = env.LC_ALL || env.LC_MESSAGES || env.LANG || ''
  const [tag = ''] = locale.split(/[.@]/)
  return tag === '' || tag === 'C' || tag === 'POSIX' ? [] : [tag.replaceAll('_', '-')]
}
