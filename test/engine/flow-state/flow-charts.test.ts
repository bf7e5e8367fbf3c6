import { describe, expect, it } from '@jest/globals'
import { chartOf, flowCharts } from '../../../src/engine/flow-state/flow-charts.ts'

describe('flowCharts', () => {
  it('lists the name, the sources and the steps of each chart, with the view of each step', () => {
    const told = [...flowCharts].map(([record, { name, sources, steps }]) => [
      record,
      name,
      [...sources],
      [...steps].map(([step, { view, shows }]) => `${step}: ${view}, ${shows}`),
    ])
    expect(told).toEqual([
      [
        'config-flow@1',
        'configFlow',
        ['user', 'reauth', 'reconfigure', 'replace', 'discovery', 'import'],
        [
          'pick_method: menu, methods',
          'user: form, page',
          'discovery_confirm: form, page',
          'reauth_confirm: form, step',
          'reconfigure: form, step',
          'replace: form, step',
          'replace_confirm: menu, confirmation',
          'repair_confirm: form, confirmation',
          'account_confirm: form, confirmation',
          'authorize: external, sign_in',
          'device: device, sign_in',
          'challenge: form, challenge',
        ],
      ],
      ['options-flow@1', 'optionsFlow', ['options'], ['init: form, options']],
      [
        'subentry-flow@1',
        'subentryFlow',
        ['subentry'],
        ['add_subentry: form, subentry', 'change_subentry: form, subentry'],
      ],
    ])
  })

  it('makes the driver of a chart once', () => {
    for (const chart of flowCharts.values())
      expect(chart.driver).toBe(chartOf({ machine: chart.record }).driver)
  })
})
