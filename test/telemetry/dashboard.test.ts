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
const queries = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)).join('\n')

/** The metrics of a process, as Prometheus has them. */
async function metricsOf(collected: CollectedTelemetry) {
  const { scopeMetrics } = await collected.metrics()
  return scopeMetrics.flatMap((scope) =>
    scope.metrics.map(({ descriptor: { name, unit }, dataPointType, dataPoints }) => {
      const base = name.replaceAll('.', '_') + (unit === 's' ? '_seconds' : '')
      const points = dataPoints.map(({ attributes }) =>
        Object.entries(attributes).map(
          ([label, value]) => [label.replaceAll('.', '_'), String(value)] as const,
        ),
      )
      return { name: dataPointType === DataPointType.SUM ? `${base}_total` : base, points }
    }),
  )
}

/** The names of all metrics and labels. */
async function exported() {
  const collected = collectTelemetry()
  for (const measurement of everyMeasurement) collected.telemetry.measure(measurement)
  const metrics = await metricsOf(collected)
  const labels = metrics.flatMap(({ points }) => points.flat().map(([label]) => label))
  return { names: metrics.map(({ name }) => name), labels: new Set(labels) }
}

/** By metric: its labels, and its labels with their values. Two processes do what a dashboard shows. */
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
  const metrics = await metricsOf(collected)
  return new Map(
    metrics.map(({ name, points }) => [
      name,
      new Set(points.flat().flatMap(([label, value]) => [label, `${label}=${value}`])),
    ]),
  )
}

const withoutEnd = (name: string) => name.replace(/_(bucket|sum|count)$/, '')

/** The metrics of a query, each with the labels of the query, and with its filters as `label=value`. */
function usedBy(query: string): ReadonlyMap<string, readonly string[]> {
  const groups = [...query.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(/,\s*/))
  const labels = groups.filter((label) => label !== 'le')
  return new Map(
    [...query.matchAll(/(latchkey_\w+)(?:\{([^}]*)\})?\[/g)].map(([, name = '', filter = '']) => [
      withoutEnd(name),
      [
        ...labels,
        ...filter
          .split(',')
          .filter(Boolean)
          .map((one) => one.replaceAll('"', '')),
      ],
    ]),
  )
}

describe('docs/latchkey-dashboard.json', () => {
  it('shows every exported metric, and no other', async () => {
    const { names, labels } = await exported()
    const used = [...queries.matchAll(/\blatchkey_\w+/g)].map(([name]) => withoutEnd(name))
    expect([...new Set(used.filter((name) => !labels.has(name)))].sort()).toEqual(names.sort())
  })

  it('finds each metric, label and value of its queries in the output of two processes on one store', async () => {
    const labels = await labelsOfTwoProcesses()
    const missing = panels.flatMap(({ targets }) =>
      targets.flatMap(({ expr, legendFormat }) =>
        [...usedBy(expr)].flatMap(([metric, used]) => {
          const legend = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label)
          const has = labels.get(metric) ?? new Set()
          return [...used, ...legend].filter((label) => !has.has(label)).map((label) => `${metric} ${label}`)
        }),
      ),
    )
    expect([...labels.keys()].sort()).toEqual((await exported()).names.sort())
    expect(missing).toEqual([])
  })

  it('names the metrics of the guide', () => {
    const guide = readFileSync(join(docs, 'guides/monitoring.md'), 'utf8')
    const listed = [...guide.matchAll(/^\| `(latchkey\.[\w.]+)` \|/gm)].map(([, name = '']) =>
      name.replaceAll('.', '_'),
    )
    expect(listed).toHaveLength(9)
    expect(listed.filter((name) => !queries.includes(name))).toEqual([])
  })

  it('has a picture with the title of each panel', () => {
    const picture = readFileSync(join(docs, 'pictures/dashboard.svg'), 'utf8')
    expect(panels.map(({ title }) => title).filter((title) => !picture.includes(title))).toEqual([])
  })
})
