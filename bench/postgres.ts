import { WireProxy } from '../scripts/wire-proxy.ts'
import { median } from './measure.ts'
import { addRows, hasPgbench, runFromNode, runPgbench } from './postgres-by-hand.ts'
import { postgresLanes } from './postgres-lanes.ts'
import { postgresPlace } from './postgres-place.ts'
import type { Bench, Result } from './result.ts'

const ROUNDS = 5
const SECONDS = 1
const LANES = [1, 8, 32]
const name = (lanes: number, of = '') => `postgres/reauth-${lanes}${of}`

/** Approximate number of flows per second of a lane, for runs of about a second. */
const PER_LANE = 60
/** Approximate number of flows until the compiler has optimized the code, as in `flow/*`. */
const WARM_UP = 4_000

/** Measures reauthentications on PostgreSQL, and the same transactions without Latchkey, in turn. */
export const postgresBench: Bench = {
  names: LANES.flatMap((lanes) =>
    ['', ':sealed', ':node', ':pgbench-prepared', ':pgbench-pipelined'].map((of) => name(lanes, of)),
  ),
  async run() {
    await using place = await postgresPlace()
    const results: Result[] = []
    for (const lanes of LANES) results.push(...(await rates(await place.database(), lanes)))
    return results
  },
}

async function rates(url: string, lanes: number): Promise<Result[]> {
  const open = await postgresLanes(url, { lanes, sealed: false })
  const sealed = await postgresLanes(url, { lanes, sealed: true, schema: 'sealed' })
  await addRows(url, lanes)
  const each = Math.ceil(PER_LANE / Math.sqrt(lanes))
  const timed = async (run: () => Promise<number>) => {
    const begun = performance.now()
    return ((await run()) * 1000) / (performance.now() - begun)
  }
  const pgbench = (pipelined: boolean) => () => runPgbench(url, { lanes, seconds: SECONDS, pipelined })
  const contenders: Readonly<Record<string, () => Promise<number>>> = {
    '': () => timed(() => open.run(each)),
    ':sealed': () => timed(() => sealed.run(each)),
    ':node': () => timed(() => runFromNode(url, lanes, each)),
    ...(hasPgbench() && { ':pgbench-prepared': pgbench(false), ':pgbench-pipelined': pgbench(true) }),
  }
  for (const { run } of [open, sealed]) await run(Math.ceil(WARM_UP / lanes))
  const rates = new Map(Object.keys(contenders).map((of) => [of, [] as number[]]))
  for (let round = 0; round < ROUNDS; round++)
    for (const [of, rate] of Object.entries(contenders)) rates.get(of)?.push(await rate())
  await open.stop()
  await sealed.stop()
  const rateOf = (of: string) => median(rates.get(of) ?? [])
  const hands = Object.keys(contenders).filter((of) => of !== '' && of !== ':sealed')
  const best = hands.reduce((a, b) => (rateOf(b) > rateOf(a) ? b : a))
  return Object.keys(contenders).map((of) => {
    const base = of === '' ? best : of === ':sealed' ? '' : null
    const value = rateOf(of)
    return {
      name: name(lanes, of),
      value,
      unit: 'flows/s',
      ...(base !== null && { versus: base === '' ? 'unsealed' : base.slice(1), ratio: value / rateOf(base) }),
    }
  })
}

const TRIPS = [1, 32]
const FLOWS = 20

/** Counts the round trips of a reauthentication on the wire, with the lease and the notifications. */
export const tripsBench: Bench = {
  names: TRIPS.map((lanes) => `postgres/trips-${lanes}`),
  async run() {
    await using place = await postgresPlace()
    const proxy = await WireProxy.start(place.server.port)
    const results: Result[] = []
    for (const lanes of TRIPS) {
      const url = await place.database()
      // The connection that listens waits for the server, which is not a round trip of a flow.
      const host = await postgresLanes(proxy.through(url), { lanes, sealed: true, listenUrl: url })
      await host.run(FLOWS)
      const before = proxy.trips
      const flows = await host.run(FLOWS)
      results.push({
        name: `postgres/trips-${lanes}`,
        value: (proxy.trips - before) / flows,
        unit: 'round trips',
      })
      await host.stop()
    }
    await proxy.stop()
    return results
  },
}
