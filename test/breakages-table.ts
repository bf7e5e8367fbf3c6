interface Breakage {
  readonly what: string
  readonly file: string
  readonly from: string
  readonly to: string
  /** The tests that must notice. */
  readonly tests: readonly string[]
}

/** The breakages that tests must notice. */
export const breakages: readonly Breakage[] = [
  {
    what: 'the commit of a verified credential is split in two',
    file: 'src/engine/flow-work/commit.ts',
    from: `    await this.#options.attempts.apply((attempts) => [
      ...(replaced === null ? [] : removal(replaced, row)),
      ...writes,
      { put: 'entry', record: entry, ifRevision },`,
    to: `    await core.store.apply(scope, [
      ...(replaced === null ? [] : removal(replaced, row)),
      ...writes,
      { put: 'entry', record: entry, ifRevision },
    ])
    await this.#options.attempts.apply((attempts) => [`,
    tests: ['test/crash/lost-answers'],
  },
  {
    what: 'the memory store ignores ifRevision',
    file: 'src/adapters/memory/scope-tables.ts',
    from: 'if ((before?.revision ?? 0) !== change.ifRevision)',
    to: 'if (before?.revision === null)',
    tests: ['test/adapters/memory/memory-store'],
  },
  {
    what: 'any account is accepted as the same account',
    file: 'machines/config-flow-setup.ts',
    from: 'accountMismatches: ({ context }, result: CheckResult) => isDifferentAccount(context, result)',
    to: 'accountMismatches: ({ context }, result: CheckResult) => isDifferentAccount(context, result) && false',
    tests: ['test/machines/config-flow'],
  },
  {
    what: 'an unused verified connection is not closed',
    file: 'src/engine/flow-state/flow-charts.ts',
    from: 'void liveConnectionOf(connection).close()',
    to: 'liveConnectionOf(connection)',
    tests: ['test/engine/flows/flows', 'test/engine/flows/entry-under-flow'],
  },
  {
    what: 'a value decrypts for any record',
    file: 'src/adapters/jose-cipher.ts',
    from: 'protectedHeader.ctx !== ctx',
    to: 'protectedHeader.ctx === undefined',
    tests: ['test/adapters/jose-cipher'],
  },
  {
    what: 'a refused credential is retried',
    file: 'src/engine/entries/entry-actors.ts',
    from: 'if (rejected && !retryRejected) return',
    to: 'if (rejected && retryRejected) return',
    tests: ['test/engine/entries/entry-actors', 'test/engine/entries/entry-run'],
  },
  {
    what: 'an outdated revision is accepted',
    file: 'src/engine/flow-state/flow-updates.ts',
    from: 'if (flow.revision !== revision) throw',
    to: 'if (flow.revision < revision) throw',
    tests: ['test/engine/flows/flows'],
  },
  {
    what: 'the budget of failed sign-ins is unlimited',
    file: 'src/engine/login-budget/attempts.ts',
    from: 'const oldest = counted[counted.length - budget.limit]',
    to: 'const oldest = counted[counted.length]',
    tests: ['test/engine/login-budget/attempts'],
  },
  {
    what: 'a late result is accepted',
    file: 'src/engine/statecharts/runner.ts',
    from: 'if (this.#invocation !== invocation) {',
    to: 'if (this.#snapshot === null) {',
    tests: [
      'test/engine/statecharts/runner',
      'test/engine/flow-work/flow-run',
      'test/engine/entries/entry-run',
      'test/engine/connections/connector',
    ],
  },
  {
    what: 'secrets are logged in errors',
    file: 'src/engine/lib/redact.ts',
    from: 'converted(error, new Redactor(secrets), 0)',
    to: 'converted(error, new Redactor(secrets.slice(0, 0)), 0)',
    tests: ['test/canary'],
  },
  {
    what: 'the view prefills secret fields',
    file: 'src/form.ts',
    from: 'if (!form.secrets.has(field)) clear[field] = copy',
    to: 'clear[field] = copy',
    tests: ['test/canary'],
  },
  {
    what: 'two flows can edit one entry',
    file: 'src/adapters/memory/scope-tables.ts',
    from: 'if (holder !== undefined) throw new SlotTakenError(slot, holder)',
    to: "if (holder !== undefined && slot !== 'edit') throw new SlotTakenError(slot, holder)",
    tests: ['test/adapters/memory/memory-store'],
  },
  {
    what: 'a refreshed token overwrites any credential',
    file: 'src/engine/tokens/token-actors.ts',
    from: 'if (now === null || now.entry.sealed !== replaces) {',
    to: 'if (now === null) {',
    tests: ['test/engine/tokens/tokens'],
  },
  {
    what: 'a refreshed token that cannot be saved is lost',
    file: 'src/engine/tokens/token-actors.ts',
    from: 'await this.#core.store.journal?.put(token)',
    to: 'await Promise.resolve(token)',
    tests: ['test/engine/tokens/tokens'],
  },
  {
    what: 'any issuer can answer a sign-in',
    file: 'src/oauth/code-authorizer.ts',
    from: 'authorizationCodeGrant(configuration, callback, checks,',
    to: `authorizationCodeGrant(configuration, Object.assign(new URL(callback), {
            search: callback.search.replace(
              /iss=[^&]*/,
              'iss=' + encodeURIComponent(configuration.serverMetadata().issuer),
            ),
          }), checks,`,
    tests: ['test/oauth/oauth-provider'],
  },
  {
    what: 'a code can be redeemed again after a crash',
    file: 'src/engine/sign-in/code-sign-ins.ts',
    from: 'const used = await this.#use(flow, signIn, request.principal)',
    to: 'const used = flow as OpenFlow | null',
    tests: ['test/engine/sign-in/scripted-sign-ins'],
  },
  {
    what: 'any browser can finish a sign-in',
    file: 'machines/authorization-code-setup.ts',
    from: `      browserHash === request.browserHash &&
      stateHash`,
    to: '      stateHash',
    tests: ['test/machines/authorization-code'],
  },
  {
    what: 'two discoveries can occupy one unique id',
    file: 'src/adapters/memory/scope-tables.ts',
    from: 'if (holder !== undefined) throw new SlotTakenError(slot, holder)',
    to: "if (holder !== undefined && slot !== 'held') throw new SlotTakenError(slot, holder)",
    tests: ['test/adapters/memory/memory-store'],
  },
  {
    what: 'a migration discards the previous values',
    file: 'src/engine/records/migrated-record.ts',
    from: "{ why: 'migrated' as const, ...restorePointOf(now) }",
    to: "{ why: 'migrated' as const, ...restorePointOf(now), data: {} }",
    tests: ['test/engine/records/migration'],
  },
  {
    what: 'a rollback restores the values under the new unique id',
    file: 'src/engine/flow-work/roll-back.ts',
    from: 'const { why: _why, options: _options, rejected, ...restored } = previous',
    to: 'const { why: _why, options: _options, uniqueId: _id, rejected, ...restored } = previous',
    tests: ['test/engine/flow-work/roll-back'],
  },
  {
    what: 'options that another flow changed first count as saved',
    file: 'src/engine/flow-work/save-options.ts',
    from: "return { type: 'outdated' }",
    to: "return { type: 'saved' }",
    tests: ['test/stories/options-flow'],
  },
  {
    what: 'the texts of two languages can have different placeholders',
    file: 'src/engine/integrations/text-problems.ts',
    from: 'if (others !== used) add(',
    to: 'if (others === language) add(',
    tests: ['test/engine/integrations/text-problems'],
  },
  {
    what: 'a secret in a part of a field is stored unencrypted',
    file: 'src/form.ts',
    from: 'if (path === null) return',
    to: 'if (path !== null) return',
    tests: ['test/canary/combinators'],
  },
  {
    what: 'two spellings of an address are two hosts',
    file: 'src/engine/integrations/values.ts',
    from: 'comparableAddress(type, parsed.data)',
    to: 'parsed.data',
    tests: ['test/engine/records/match-keys'],
  },
  {
    what: 'a token that arrives after the stop is dropped',
    file: 'src/engine/tokens/token-run.ts',
    from: 'if (this.#stopped) void this.#work.save(draft).catch(ignore)',
    to: 'if (this.#stopped) return',
    tests: ['test/engine/stop', 'test/stories/random-stops'],
  },
  {
    what: 'a discovery that another process opens just before its account is linked stays open',
    file: 'src/engine/flow-work/account-claims.ts',
    from: 'writes.push(...claimOf(entry, uniqueId, this.#core))',
    to: 'void claimOf(entry, uniqueId, this.#core)',
    tests: ['test/engine/flow-work/settled-discoveries'],
  },
  {
    what: 'a refresh that keeps failing stays out of the attention list',
    file: 'machines/refresh-failure.ts',
    from: "overdue: reason !== 'client_refused' && now - since >= patience",
    to: "overdue: reason === 'client_refused' && now - since >= patience",
    tests: ['test/engine/tokens/dead-credentials'],
  },
  {
    what: 'a time of a clock that was ahead is believed',
    file: 'src/engine/lib/stored-time.ts',
    from: 'now + most + CLOCK_SKEW',
    to: 'now + most + CLOCK_SKEW * 1e9',
    tests: ['test/engine/clock-set-back'],
  },
  {
    what: 'the stream of a revoked principal continues',
    file: 'src/http/event-stream.ts',
    from: '(scope ?? listener.scope) === listener.scope) end()',
    to: '(scope ?? listener.scope) === listener.scope) void end',
    tests: ['test/http/events'],
  },
]
