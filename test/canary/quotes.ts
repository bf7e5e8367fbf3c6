import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import {
  AbortFlowError,
  CannotConnectError,
  FormError,
  InvalidAuthError,
  RateLimitedError,
  SetupError,
  WrongAccountError,
} from '../../src/index.ts'

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
  xml: (secret) => xml(secret),
  'xml in json': (secret) => JSON.stringify({ fault: xml(secret) }),
  'decimal entities': (secret) => entities(secret, (point) => `&#${point};`),
  'hexadecimal entities': (secret) => entities(secret, (point) => `&#x${point.toString(16)};`),
  'upper case': (secret) => secret.toUpperCase(),
  'lower case': (secret) => secret.toLowerCase(),
  hexadecimal: (secret) => Buffer.from(secret).toString('hex'),
  'upper-case hexadecimal': (secret) => Buffer.from(secret).toString('hex').toUpperCase(),
  'an inspected buffer': (secret) => inspect(Buffer.from(secret)),
  'a buffer in json': (secret) => JSON.stringify(Buffer.from(secret)),
  'percent form twice': (secret) => encodeURIComponent(encodeURIComponent(secret)),
  'the message of an invalid argument': (secret) => messageOf(() => Buffer.alloc(secret as never)),
  'the message of an invalid path': (secret) => messageOf(() => readFileSync(`${secret}\0`)),
  'its beginning': (secret) => secret.slice(0, 30),
  'a part of it': (secret) => secret.slice(10, 45),
  'its end': (secret) => xml(secret.slice(-30)),
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

const nameOf = (text: string): string => text.replace(/[^A-Za-z0-9_]/g, '_').slice(0, 40)

/** The errors of an integration that a form shows, with the quote in each of their parts. */
export const explanations: Readonly<Record<string, (text: string) => Error>> = {
  message: (text) => new FormError('plain_code', { message: text, cause: new Error(text) }),
  'message at a field': (text) => new FormError('plain_code', { field: 'own', message: text }),
  'name of a field': (text) => new FormError('plain_code', { field: text, message: 'plain' }),
  placeholders: (text) =>
    new FormError('plain_code', { message: 'plain', placeholders: { word: text, [nameOf(text)]: 'plain' } }),
  advice: (text) => new FormError('plain_code', { message: 'plain', advice: text }),
  docs: (text) => new FormError('plain_code', { docs: `https://hub.example/?${encodeURIComponent(text)}` }),
  code: (text) => new FormError(nameOf(text).toLowerCase()),
  setup: (text) => new SetupError(text),
}

/** The errors of an integration that end a flow or name another account. */
export const endings: Readonly<Record<string, (text: string) => Error>> = {
  message: (text) => new AbortFlowError('plain_reason', { message: text, placeholders: { word: text } }),
  reason: (text) => new AbortFlowError(nameOf(text).toLowerCase()),
  account: (text) => new WrongAccountError({ account: text }),
}

const marks: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos' }

const xml = (text: string): string => text.replace(/[&<>"']/g, (mark) => `&${marks[mark]};`)

const entities = (text: string, entity: (point: number) => string): string =>
  Array.from(text, (letter) => entity(letter.codePointAt(0) ?? 0)).join('')

/** Returns the message of an error that Node throws, which quotes a part of its input. */
function messageOf(work: () => unknown): string {
  try {
    return String(work())
  } catch (error) {
    return (error as Error).message
  }
}

const btoa64 = (text: string): string => Buffer.from(text).toString('base64')

const asciiJson = (text: string): string =>
  JSON.stringify(text).replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
