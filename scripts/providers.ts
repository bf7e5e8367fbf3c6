import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { providersTable, withProviders } from '../test/providers/table.ts'

// Plays each step of each known service, and writes the outcomes into the guide.
const guide = join(import.meta.dirname, '../docs/guides/providers.md')
writeFileSync(guide, withProviders(readFileSync(guide, 'utf8'), await providersTable()))
