export { type ClientCredentialsOptions, clientCredentials, type TokenSource } from './client-credentials.ts'
export type { ExchangedToken, ExchangeParts } from './exchange-parts.ts'
export { type JwtBearerOptions, jwtBearer } from './jwt-bearer.ts'
export { type OAuthProvider, oauthProvider } from './oauth-provider.ts'
export { type OAuthTokens, oauthTokens } from './oauth-tokens.ts'
export type {
  ClientRegistration,
  FromFields,
  KeptFields,
  OAuthProviderOptions,
  RegisteringOptions,
  SignInFields,
  TokenEndpointAuthMethod,
} from './provider.ts'
export type { DeadAnswer } from './read-refusal.ts'
export { type RegisteredClient, type RegistrationOptions, registerClient } from './register-client.ts'
export { registeredClient } from './registered-client.ts'
export { type TokenExchangeOptions, type TokenPointer, tokenExchange } from './token-exchange.ts'
