import { inspect } from 'node:util'
import { CannotConnectError, InvalidAuthError, RateLimitedError, SetupError } from '../../src/index.ts'

/** The forms in which libraries quote their arguments. */
export const quotes: Readonly<Record<string, (secret: string) => string>> = {
  plain: (secret) => secret,
  json: (secret) => JSON.stringify({ secret }),
  'json in json': (secret) => JSON.stringify({ body: JSON.stringify({ secret }) }),
  'ascii json': (secret) => asciiJson(secret),
  inspected: (secret) => inspect({ secret }),
  'inspected string': (secret) => inspect([secret, '\'"`']),
  'uri component': (secret) => `https://hub.example/?key=${encodeURIComponent(secret)}`,
  'uri component, lower case': (secret) =>
    encodeURIComponent(secret).replace(/%../g, (hex) => hex.toLowerCase()),
  uri: (secret) => encodeURI(`https://hub.example/${secret}`),
  'url query': (secret) => new URL(`https://hub.example/?key=${secret}`).href,
  'url password': (secret) => Object.assign(new URL('https://me@hub.example'), { password: secret }).href,
  'form body': (secret) => new URLSearchParams({ secret }).toString(),
  'json in a form body': (secret) => new URLSearchParams({ body: JSON.stringify({ secret }) }).toString(),
  base64: (secret) => btoa64(secret),
  'base64 after one byte': (secret) => btoa64(`:${secret}:`),
  'base64 after two bytes': (secret) => btoa64(`u:${secret}:p`),
  base64url: (secret) => Buffer.from(`a${secret}`).toString('base64url'),
  'basic authorization': (secret) => `Authorization: Basic ${btoa64(`user:${secret}`)}`,
  'json in base64': (secret) => btoa64(JSON.stringify({ secret })),
}

/** The places of the quote in an error. */
export const places: Readonly<Record<string, (text: string) => unknown>> = {
  message: (text) => new Error(text),
  stack: (text) => Object.assign(new Error('plain'), { stack: `Error: plain\n    at login (${text})` }),
  cause: (text) => new Error('plain', { cause: new Error(text) }),
  'cause of a cause': (text) => new Error('plain', { cause: new Error('plain', { cause: text }) }),
  code: (text) => Object.assign(new Error('plain'), { code: text }),
  name: (text) => Object.assign(new Error('plain'), { name: text }),
  property: (text) => Object.assign(new Error('plain'), { config: { auth: text }, url: text }),
  errors: (text) => new AggregateError([new Error(text)], 'plain'),
  'type error': (text) => new TypeError(text),
  'a string': (text) => text,
  'an object': (text) => ({ message: text, stack: text, toString: () => text }),
  'setup error': (text) => new SetupError(text, { cause: new Error(text) }),
  'cannot connect': (text) => new CannotConnectError(text, { cause: new Error(text) }),
  'invalid auth': (text) => new InvalidAuthError(text, { cause: new Error(text) }),
  'rate limited': (text) => new RateLimitedError(0, text),
}

const btoa64 = (text: string): string => Buffer.from(text).toString('base64')

const asciiJson = (text: string): string =>
  JSON.stringify(text).replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
