export { type OAuthProvider, type OAuthProviderOptions, oauthProvider } from './oauth-provider.ts'
export { type OAuthTokens, oauthTokens } from './oauth-tokens.ts'
