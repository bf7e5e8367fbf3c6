export { type OAuthProvider, oauthProvider } from './oauth-provider.ts'
export { type OAuthTokens, oauthTokens } from './oauth-tokens.ts'
export type { OAuthProviderOptions } from './provider.ts'
export type { DeadAnswer } from './read-refusal.ts'
