import { describe, expect, it } from '@jest/globals'
import { chartOf, flowCharts } from '../../../src/engine/flow-state/flow-charts.ts'

describe('flowCharts', () => {
  it('lists the name, sources and steps of each chart', () => {
    const told = [...flowCharts].map(([record, { name, sources, steps }]) => [
      ...[record, name, [...sources], [...steps]],
    ])
    expect(told).toEqual([
      [
        ...[
          'config-flow@1',
          'configFlow',
          ['user', 'reauth', 'reconfigure', 'replace', 'discovery', 'import'],
        ],
        [
          'pick_method',
          'user',
          'discovery_confirm',
          'menu',
          'reauth_confirm',
          'reconfigure',
          'replace',
          'replace_confirm',
          'authorize',
          'device',
          'challenge',
        ],
      ],
      ['options-flow@1', 'optionsFlow', ['options'], ['init']],
      ['subentry-flow@1', 'subentryFlow', ['subentry'], ['add_subentry', 'change_subentry']],
    ])
  })

  it('makes the driver of a chart once', () => {
    for (const chart of flowCharts.values())
      expect(chart.driver).toBe(chartOf({ machine: chart.record }).driver)
  })
})
