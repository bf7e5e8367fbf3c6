import { type ChildProcess, fork } from 'node:child_process'
import type { FlowJob, Kind } from './flow-process.ts'
import { type Contender, sideBySide } from './measure.ts'
import type { Bench } from './result.ts'

const ROUNDS = 16

/** Measures flows in memory: Latchkey, the statechart as a bare actor, and a class without a statechart. */
export const flowBenches: readonly Bench[] = [
  bench('flow/reauth', 'reauth'),
  bench('flow/reauth-sealed', 'reauth', 'sealed'),
  bench('flow/wrong-account', 'wrongAccount'),
  bench('flow/user', 'user'),
]

function bench(name: string, kind: Kind, engine: FlowJob['runner'] = 'engine'): Bench {
  const bare = `${name}:bare-actor`
  const contenders = [
    contender(name, { runner: engine, kind }),
    contender(bare, { runner: 'bare', kind }),
    ...(engine === 'engine' ? [contender(`${name}:hand-written`, { runner: 'handWritten', kind })] : []),
  ]
  return {
    names: contenders.map((one) => one.name),
    async run() {
      const times = await sideBySide(contenders, ROUNDS)
      for (const { end } of contenders) await end()
      const base = times.get(bare)?.time ?? Number.NaN
      return [...times].map(([each, { time: value }]) => ({
        name: each,
        value,
        unit: 'µs',
        ...(each !== bare && { versus: 'bare-actor', ratio: value / base }),
      }))
    },
  }
}

/**
 * Each contender has a separate process and pauses while another one runs. In one process the compiler would need to
 * optimize shared code for all of them, unlike in a host.
 */
function contender(name: string, { runner, kind }: FlowJob): Contender & { end(): Promise<void> } {
  let child: ChildProcess | undefined
  const ask = (what: 'prepare' | 'run') => {
    child ??= fork(new URL('./flow-process.ts', import.meta.url), [runner, kind])
    const contender = child
    return new Promise<number>((resolve, reject) => {
      const fail = () => reject(new Error(`The process of ${name} ended.`))
      contender.once('exit', fail)
      contender.once('message', (count) => {
        contender.off('exit', fail)
        resolve(Number(count))
      })
      contender.send(what)
    })
  }
  return {
    name,
    async prepare() {
      await ask('prepare')
      return { run: () => ask('run') }
    },
    async end() {
      child?.disconnect()
    },
  }
}
