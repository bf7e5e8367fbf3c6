import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { DataPointType } from '@opentelemetry/sdk-metrics'
import { collectTelemetry, everyMeasurement } from './collect-telemetry.ts'

const docs = resolve(import.meta.dirname, '../../docs')

interface Dashboard {
  readonly panels: readonly {
    readonly title: string
    readonly targets: readonly { readonly expr: string }[]
  }[]
}

const { panels } = JSON.parse(readFileSync(join(docs, 'latchkey-dashboard.json'), 'utf8')) as Dashboard
const queries = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)).join('\n')

/** The names of the exported metrics and labels, as Prometheus has them. */
async function exported() {
  const collected = collectTelemetry()
  for (const measurement of everyMeasurement) collected.telemetry.measure(measurement)
  const { scopeMetrics } = await collected.metrics()
  const metrics = scopeMetrics.flatMap((scope) => scope.metrics)
  const names = metrics.map(({ descriptor: { name, unit }, dataPointType }) => {
    const base = name.replaceAll('.', '_') + (unit === 's' ? '_seconds' : '')
    return dataPointType === DataPointType.SUM ? `${base}_total` : base
  })
  const labels = metrics.flatMap(({ dataPoints }) =>
    dataPoints.flatMap(({ attributes }) => Object.keys(attributes)),
  )
  return { names, labels: new Set(labels.map((label) => label.replaceAll('.', '_'))) }
}

const withoutEnd = (name: string) => name.replace(/_(bucket|sum|count)$/, '')

describe('docs/latchkey-dashboard.json', () => {
  it('shows every exported metric, and no other', async () => {
    const { names, labels } = await exported()
    const used = [...queries.matchAll(/\blatchkey_\w+/g)].map(([name]) => withoutEnd(name))
    expect([...new Set(used.filter((name) => !labels.has(name)))].sort()).toEqual(names.sort())
  })

  it('uses only labels that the metrics have', async () => {
    const { names, labels } = await exported()
    const used = [...queries.matchAll(/\blatchkey_\w+/g)].map(([name]) => withoutEnd(name))
    const unknown = used.filter((name) => !labels.has(name) && !names.includes(name))
    expect(unknown).toEqual([])
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
