/** Returns the language of a POSIX locale (`de_AT.UTF-8`); an empty list for the default locale. */
export function terminalLanguage(env: Readonly<Record<string, string | undefined>>): string[] {
  const locale = env.LC_ALL || env.LC_MESSAGES || env.LANG || ''
  const [tag = ''] = locale.split(/[.@]/)
  return tag === '' || tag === 'C' || tag === 'POSIX' ? [] : [tag.replaceAll('_', '-')]
}
