import type { OAuthProviderOptions } from './provider.ts'

/** Returns the requested scopes as one text, or null for none. */
export function scopeOf({
  scope = '',
  scopeSeparator = ' ',
}: Pick<OAuthProviderOptions, 'scope' | 'scopeSeparator'>): string | null {
  const text = typeof scope === 'string' ? scope : scope.join(scopeSeparator)
  return text === '' ? null : text
}
