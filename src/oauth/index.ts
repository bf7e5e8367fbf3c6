export { type OAuthProvider, oauthProvider } from './oauth-provider.ts'
export { type OAuthTokens, oauthTokens } from './oauth-tokens.ts'
export type {
  FromFields,
  KeptFields,
  OAuthProviderOptions,
  SignInFields,
  TokenEndpointAuthMethod,
} from './provider.ts'
export type { DeadAnswer } from './read-refusal.ts'
