import type { Answer } from '../../src/testing/index.ts'

/** The answer of a service for each outcome of a story. */
export function answerOf(comes: string): Answer {
  switch (comes) {
    case 'connected':
      return { connect: 'me' }
    case 'another account':
      return { connect: 'another' }
    case 'challenged':
      return { challenge: 'otp', state: { asked: 1 } }
    case 'timeout':
      return { hangs: true }
    case 'rate_limited':
      return { rateLimited: 60 }
    case 'unknown':
      return { throws: new Error('The service is on fire.') }
    case 'refused':
      return 'setup_error'
    case 'setup_error':
    case 'cannot_connect':
    case 'invalid_auth':
      return comes
    default:
      throw new Error(`No service answers ${comes}.`)
  }
}
