/** Draws docs/pictures/dashboard.svg: the panels of the dashboard with the metrics of a simulated load. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqliteStore } from '../src/adapters/sqlite/sqlite-store.ts'
import { loseCredential, makeHost } from '../test/engine/host.ts'
import { collectTelemetry, everyMeasurement, pointsOf } from '../test/telemetry/collect-telemetry.ts'

const docs = join(import.meta.dirname, '../docs')
const { panels } = JSON.parse(readFileSync(join(docs, 'latchkey-dashboard.json'), 'utf8')) as {
  readonly panels: readonly {
    readonly title: string
    readonly targets: readonly { readonly expr: string }[]
  }[]
}

type Point = Readonly<Record<string, string | number>>
const SAMPLES = 24

/** Runs a host for a day, with an hour between two samples of its metrics. */
async function samples(): Promise<Readonly<Record<string, readonly Point[]>>[]> {
  const collected = collectTelemetry()
  const path = join(mkdtempSync(join(tmpdir(), 'dashboard-')), 'home.db')
  const host = await makeHost({ telemetry: collected.telemetry, store: sqliteStore(path) })
  await host.latchkey.start()
  const found: Readonly<Record<string, readonly Point[]>>[] = []
  for (let hour = 0; hour < SAMPLES; hour++) {
    for (let nth = 0; nth <= hour % 5; nth++) {
      const token = `token-${hour}-${nth}`
      host.service.accounts.set(token, token)
      const form = await host.latchkey.flows.start({ domain: 'scripted', source: 'user' })
      host.clock.increment(4_000 + ((hour * 7 + nth) % 11) * 1_500)
      const { entryId } = await host.latchkey.flows.submit(form.flowId, { host: 'h', token }, form)
      if (entryId == null) throw new Error('The entry was not created.')
      if (nth === 1) {
        host.service.script('cannot_connect')
        await host.latchkey.entries.reload(entryId)
      }
      if (nth === 0) await loseCredential(host, entryId, token)
    }
    await host.pass(3_600_000)
    found.push((await pointsOf(collected)) as Readonly<Record<string, readonly Point[]>>)
  }
  await host.latchkey.stop()
  return found
}

/** Returns the hourly growth of a metric, or the mean of a histogram in each hour. */
function seriesOf(all: Awaited<ReturnType<typeof samples>>, metric: string, source: string | null): number[] {
  const total = (at: number, name: string) =>
    (all[at]?.[metric] ?? [])
      .filter((point) => source === null || point['latchkey.source'] === source)
      .reduce((sum, point) => sum + Number(point[name] ?? 0), 0)
  return all.map((_, at) => {
    const grown = (name: string) => total(at, name) - total(at - 1, name)
    return grown('count') > 0 ? grown('sum') / grown('count') : grown('value')
  })
}

const names = await (async () => {
  const all = collectTelemetry()
  for (const measurement of everyMeasurement) all.telemetry.measure(measurement)
  return Object.keys(await pointsOf(all))
})()
const all = await samples()
const drawn = panels.map(({ title, targets }, place) => {
  const expressions = targets.map(({ expr }) => expr).join()
  const metric = names.find((name) => expressions.includes(name.replaceAll('.', '_'))) ?? ''
  const values = seriesOf(all, metric, expressions.includes('reauth') ? 'reauth' : null)
  const most = Math.max(...values, 1e-9)
  const line = values
    .map((value, at) => `${10 + (at * 260) / (SAMPLES - 1)},${130 - (value / most) * 90}`)
    .join(' ')
  const range = values.some((value) => value > 0) ? `0 to ${Number(most.toPrecision(3))}` : 'no data'
  return `<g transform="translate(${(place % 3) * 300 + 10} ${Math.floor(place / 3) * 170 + 10})">
  <rect width="280" height="150" fill="#fff" stroke="#ccc"/>
  <text x="10" y="18" font-size="10" font-weight="bold">${title}</text>
  <text x="10" y="32" font-size="9" fill="#666">${metric}, ${range}</text>
  <polyline points="${line}" fill="none" stroke="#1c7ed6" stroke-width="2"/>
</g>`
})
const picture = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 910 520" font-family="sans-serif">
<title>The panels of the dashboard</title>
<rect width="910" height="520" fill="#f4f5f7"/>
${drawn.join('\n')}
</svg>
`
writeFileSync(join(docs, 'pictures/dashboard.svg'), picture)
