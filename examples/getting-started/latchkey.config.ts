import { sqliteStore } from '../../src/adapters/sqlite/sqlite-store.ts'
import { defineConfig } from '../../src/cli/config.ts'
import { myHub } from './my-hub.ts'

export default defineConfig({ integrations: [myHub], store: sqliteStore('latchkey.db') })
