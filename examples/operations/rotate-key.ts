import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'

const path = 'latchkey.db.key'
const { keys } = JSON.parse(readFileSync(path, 'utf8'))
const key = { kty: 'oct', k: randomBytes(32).toString('base64url') }
writeFileSync(path, JSON.stringify({ keys: [key, ...keys] }), { mode: 0o600 })
