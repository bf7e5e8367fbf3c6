import { startOidcHub } from './hub.ts'

// `npm run start:oidc -- 8125` picks the port; any that is free without.
const hub = await startOidcHub({ port: Number(process.argv[2] ?? 0) })
console.log(`Latchkey: ${hub.url}`)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void hub.stop())
