import { inspect } from 'node:util'
import { Connection, Draft } from '../../machines/index.ts'
import { Secret } from '../../src/index.ts'
import { pointsOf } from '../telemetry/collect-telemetry.ts'
import { inspectBareMachine } from './bare-machine.ts'
import { inspectBareSignIns } from './bare-sign-ins.ts'
import { canaries } from './canaries.ts'
import { plain } from './canary-service.ts'
import type { CanaryWorld } from './canary-world.ts'

/** A place where a secret could leak, and a plain value that appears there as a positive control. */
export interface Sink {
  readonly name: string
  readonly shows: string
  look(world: CanaryWorld): readonly unknown[] | Promise<readonly unknown[]>
  /** The depth of the search. Less for objects that reference much of the runtime. */
  readonly depth?: number
}

const handles = Object.values(canaries).flatMap((text) => [
  new Secret(text),
  new Draft({ values: { text }, challenge: { name: 'otp', state: text, values: { code: text } } }),
  new Connection({ text }),
])

/** One line a sink. */
export const sinks: readonly Sink[] = [
  { name: 'HTTP replies', shows: plain.host, look: ({ replies }) => replies },
  { name: 'the event stream', shows: plain.domain, look: ({ streamed }) => [Buffer.concat(streamed)] },
  { name: 'views', shows: plain.host, look: ({ views }) => views },
  { name: 'lists', shows: plain.title, look: ({ lists }) => lists },
  { name: 'the attention list', shows: plain.title, look: ({ attention }) => attention },
  { name: 'histories', shows: plain.principal, look: ({ histories }) => histories },
  { name: 'events of every type', shows: plain.domain, look: ({ events }) => events },
  { name: 'inspector messages', shows: plain.domain, look: ({ inspected }) => inspected },
  { name: 'log lines', shows: plain.error, look: ({ lines }) => lines },
  {
    name: 'metrics and spans',
    shows: plain.domain,
    look: async ({ collected }) => [
      await pointsOf(collected),
      collected.spans().map(({ name, attributes, events, status }) => ({ name, attributes, events, status })),
    ],
  },
  { name: 'thrown errors', shows: plain.host, look: ({ errors }) => errors },
  { name: 'stored rows', shows: plain.host, look: ({ rows }) => rows },
  { name: 'the database files', shows: plain.host, look: ({ files }) => files },
  { name: 'the arguments of connect', shows: plain.host, look: ({ service }) => service.handed },
  { name: 'secrets, drafts and connections', shows: '[secret]', look: () => handles },
  {
    name: 'a thrown handle',
    shows: '[draft]',
    look: () => handles.map((cause) => new Error(`${cause}`, { cause })),
  },
  { name: 'zod errors', shows: 'password', look: ({ service }) => service.zodErrors() },
  { name: 'the inspector of a bare machine', shows: plain.host, look: inspectBareMachine, depth: 5 },
  {
    name: 'the inspector of the bare machines of sign-ins and tokens',
    shows: plain.userCode,
    look: inspectBareSignIns,
    depth: 5,
  },
]

/** The forms in which a value becomes text. */
export function textsOf(value: unknown, depth = 20): string[] {
  if (Buffer.isBuffer(value)) return [value.toString('latin1')]
  // No escaping hides a canary, so a text needs no other form.
  if (typeof value === 'string') return [value]
  const all = { depth, maxStringLength: null, maxArrayLength: null } as const
  return [
    inspect(value, all),
    inspect(value, { ...all, showHidden: true, getters: true }),
    inspect(value, { ...all, showHidden: true, customInspect: false }),
    safely(() => JSON.stringify(value)),
    safely(() => inspect(structuredClone(value), all)),
    safely(() => String(value)),
    safely(() => `${value instanceof Error ? value.stack : Object.values(value ?? {}).join()}`),
  ]
}

/** Some values lack a form: a function cannot be cloned, a circle is not JSON. */
function safely(text: () => string | undefined): string {
  try {
    return text() ?? ''
  } catch {
    return ''
  }
}
