import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { DataPointType } from '@opentelemetry/sdk-metrics'
import { SimulatedClock } from 'xstate'
import { sqliteStore } from '../../src/adapters/sqlite/sqlite-store.ts'
import { ScriptedService } from '../../src/testing/scripted-service.ts'
import { addEntry, makeHost, openForm } from '../engine/host.ts'
import { LIFE, TokenService } from '../engine/token-service.ts'
import { type CollectedTelemetry, collectTelemetry, everyMeasurement } from './collect-telemetry.ts'

const docs = resolve(import.meta.dirname, '../../docs')

interface Dashboard {
  readonly panels: readonly {
    readonly title: string
    readonly targets: readonly { readonly expr: string; readonly legendFormat: string }[]
  }[]
}

const { panels } = JSON.parse(readFileSync(join(docs, 'latchkey-dashboard.json'), 'utf8')) as Dashboard
const expressions = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr))

/** Prometheus and the Collector of OpenTelemetry add the unit to a name, OpenTelemetry's exporter for Node does not. */
const EXPORTERS = [
  ['with units', '_seconds'],
  ['without units', ''],
] as const

/** The metrics of a process, as Prometheus has them. `seconds` is the end of the name of a time. */
async function metricsOf(collected: CollectedTelemetry, seconds: string) {
  const { scopeMetrics } = await collected.metrics()
  return scopeMetrics.flatMap((scope) =>
    scope.metrics.map(({ descriptor: { name, unit }, dataPointType, dataPoints }) => {
      const base = name.replaceAll('.', '_') + (unit === 's' ? seconds : '')
      const points = dataPoints.map(({ attributes }) =>
        Object.entries(attributes).map(
          ([label, value]) => [label.replaceAll('.', '_'), String(value)] as const,
        ),
      )
      const series = dataPointType === DataPointType.SUM ? ['_total'] : ['_bucket', '_sum', '_count']
      return { series: series.map((end) => base + end), points }
    }),
  )
}

/** The series of each metric. */
async function exported(seconds: string): Promise<readonly (readonly string[])[]> {
  const collected = collectTelemetry()
  for (const measurement of everyMeasurement) collected.telemetry.measure(measurement)
  return (await metricsOf(collected, seconds)).map(({ series }) => series)
}

/** By series: its labels, and its labels with their values. Two processes do what a dashboard shows. */
async function labelsOfTwoProcesses(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const collected = collectTelemetry()
  const { telemetry } = collected
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-dashboard-'))
  const clock = new SimulatedClock()
  clock.set(Date.now())
  const tokens = new TokenService(clock)
  const service = new ScriptedService()
  const of = { integrations: [service.integration, tokens.integration], service, clock, telemetry }
  const open = () => makeHost({ ...of, connect: 'lazy', store: sqliteStore(join(folder, 'links.db')) })
  const [one, two] = [await open(), await open()]
  for (const { latchkey } of [one, two]) await latchkey.start()
  const entryId = await addEntry(one)
  await two.latchkey.entries.use(service.integration, entryId, (client) => client.ping())
  await one.latchkey.entries.update(entryId, { title: 'Attic' })
  await two.latchkey.catchUp()
  await openForm(one.latchkey)
  // It expires.
  await one.pass(60 * 60_000)
  service.script('cannot_connect')
  await one.latchkey.entries.reload(entryId)
  service.accounts.set('good', 'ann')
  await one.latchkey.entries.requestReauth(entryId)
  const form = await openForm(one.latchkey, 'tokens')
  const linked = await one.latchkey.flows.submit(form.flowId, { password: 'typed' }, form)
  one.clock.increment(LIFE)
  await one.latchkey.entries.use(tokens.integration, linked.entryId ?? '', (client) => client.call())
  for (const { latchkey } of [one, two]) await latchkey.stop()
  rmSync(folder, { recursive: true })
  const metrics = await metricsOf(collected, '')
  return new Map(
    metrics.flatMap(({ series, points }) => {
      const labels = new Set(points.flat().flatMap(([label, value]) => [label, `${label}=${value}`]))
      return series.map((name) => [name, labels] as const)
    }),
  )
}

/** The series of a query, each with the labels of the query, and with its filters as `label=value`. */
function usedBy(query: string): readonly (readonly [series: RegExp, labels: readonly string[]])[] {
  const groups = [...query.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(/,\s*/))
  const labels = groups.filter((label) => label !== 'le')
  const selectors = query.matchAll(/(?:(latchkey_\w+)(?:\{([^}]*)\})?|\{__name__=~"([^"]*)"\})\[/g)
  return [...selectors].map(([, name, filter = '', pattern = name]) => {
    const filters = filter.split(',').filter(Boolean)
    return [new RegExp(`^${pattern}$`), [...labels, ...filters.map((one) => one.replaceAll('"', ''))]]
  })
}

const used = expressions.flatMap((query) => usedBy(query).map(([series]) => series))

describe('docs/latchkey-dashboard.json', () => {
  it.each(EXPORTERS)('shows every metric of an exporter %s, and no other', async (_, seconds) => {
    const metrics = await exported(seconds)
    const isShown = (series: readonly string[]) => used.some((one) => series.some((name) => one.test(name)))
    expect(metrics.filter((series) => !isShown(series))).toEqual([])
    const names = metrics.flat()
    expect(used.filter((one) => !names.some((name) => one.test(name)))).toEqual([])
  })

  it('finds each metric, label and value of its queries in the output of two processes on one store', async () => {
    const labels = await labelsOfTwoProcesses()
    const missing = panels.flatMap(({ targets }) =>
      targets.flatMap(({ expr, legendFormat }) =>
        usedBy(expr).flatMap(([series, asked]) => {
          const legend = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label)
          const name = [...labels.keys()].find((one) => series.test(one)) ?? ''
          const has = labels.get(name) ?? new Set()
          return [...asked, ...legend].filter((label) => !has.has(label)).map((label) => `${series} ${label}`)
        }),
      ),
    )
    expect([...labels.keys()].sort()).toEqual((await exported('')).flat().sort())
    expect(missing).toEqual([])
  })

  it('names the metrics of the guide', () => {
    const guide = readFileSync(join(docs, 'guides/monitoring.md'), 'utf8')
    const listed = [...guide.matchAll(/^\| `(latchkey\.[\w.]+)` \|/gm)].map(([, name = '']) =>
      name.replaceAll('.', '_'),
    )
    expect(listed).toHaveLength(9)
    expect(listed.filter((name) => !expressions.join().includes(name))).toEqual([])
  })

  it('has a picture with the title of each panel', () => {
    const picture = readFileSync(join(docs, 'pictures/dashboard.svg'), 'utf8')
    expect(panels.map(({ title }) => title).filter((title) => !picture.includes(title))).toEqual([])
  })
})
