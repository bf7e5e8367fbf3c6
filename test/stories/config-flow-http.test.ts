import { describe } from '@jest/globals'
import { playEach } from './flow-stories.ts'
import { flowsOverHttp } from './flows-over-http.ts'

describe('the config flow over HTTP', () => {
  playEach({ store: 'memory', restarting: false }, flowsOverHttp)
})
