import * as z from 'zod'
import {
  type Connected,
  defineIntegration,
  type IntegrationSpec,
  type Secret,
  type SubentryName,
  type SubentryRefused,
  secret,
} from '../../src/index.ts'
import { canaries } from './canaries.ts'

/** Plain values that sinks must show. They are the positive control of each sink. */
export const plain = {
  domain: 'plain_domain',
  host: 'plain-host.example',
  title: 'Plain title of the account',
  principal: 'plain-principal',
  error: 'a plain word about the error',
  account: 'plain-account',
  client: 'plain-client',
  userCode: 'PLAIN-CODE',
} as const

/** The arguments of `connect`, secrets unencrypted. */
export interface Given {
  readonly password: string
  readonly apikey: string | undefined
  readonly code: string | undefined
  /** Of the sub-entry. */
  readonly feeds: readonly string[]
}

export interface CanaryClient {
  readonly ping: () => string
}

const fields = z.object({
  host: z.string().min(1).max(200),
  password: secret(
    z
      .string()
      .min(20)
      .max(2_000)
      .refine((text) => theRefinement(text), { error: ({ input }) => `${input} is refused` }),
  ),
  apikey: secret().optional(),
})
const challenges = { otp: z.object({ code: secret(z.string().min(6)) }) }
const feed = z.object({ url: z.string(), key: secret() })
type Kinds = { readonly feed: typeof feed }
type Spec = IntegrationSpec<typeof fields, CanaryClient, typeof challenges, typeof fields, z.ZodObject, Kinds>
type Result = Awaited<ReturnType<Spec['connect']>>

let theRefinement: (text: string) => boolean = () => true

/** A service whose answers each test sets. It records the arguments of `connect`. */
export class CanaryService {
  readonly handed: unknown[] = []
  /** The behavior of the next `connect`: throws, or returns a connection or a challenge. */
  answer: (given: Given) => Result | Promise<Result> = () => this.connected()
  /** The behavior of the check of a sub-entry. */
  check: (key: string) => SubentryName | SubentryRefused<never> = () => ({ title: plain.title })
  /** The behavior of dispose. */
  close: () => void = () => {}
  /** The behavior of a call on the client. */
  ping: () => string = () => 'pong'
  readonly integration: Spec

  constructor() {
    this.integration = defineIntegration<
      typeof fields,
      CanaryClient,
      typeof challenges,
      typeof fields,
      z.ZodObject,
      Kinds
    >({
      domain: plain.domain,
      title: plain.title,
      fields,
      challenges,
      connectTimeout: 30,
      subentries: {
        feed: {
          title: 'Feed',
          fields: feed,
          check: async ({ key }) => this.check(key.reveal()),
        },
      },
      connect: async (values, context) => {
        this.handed.push(values, { ...context.challenge?.values }, context.subentries)
        const reveal = (one: Secret | undefined) => one?.reveal()
        return this.answer({
          password: values.password.reveal(),
          apikey: reveal(values.apikey),
          code: reveal(context.challenge?.values.code),
          feeds: context.subentries.map(({ values }) => values.key.reveal()),
        })
      },
    })
  }

  /** The behavior of the rule of the field. */
  refine(rule: (text: string) => boolean): void {
    theRefinement = rule
  }

  /** The error messages of the fields. */
  zodErrors(): unknown[] {
    const text = canaries.password
    const wrong = [
      text,
      { host: plain.host, password: text.slice(0, 19) },
      { password: [text], apikey: { text } },
    ]
    return [...wrong, { password: text.repeat(9), [text]: text }].map(
      (input) => fields.safeParse(input).error,
    )
  }

  connected(uniqueId: string = plain.account): Connected<CanaryClient> {
    return {
      client: { ping: () => this.ping() },
      uniqueId,
      title: plain.title,
      dispose: () => this.close(),
    }
  }
}
