interface Breakage {
  readonly what: string
  readonly file: string
  readonly from: string
  readonly to: string
  /** Where the test is that has to notice. */
  readonly tests: readonly string[]
}

/** Each of these is something that a test has to notice. */
export const breakages: readonly Breakage[] = [
  {
    what: 'the commit of a proven credential is split in two',
    file: 'src/engine/flow-commit.ts',
    from: `          { put: 'entry', record: entry, ifRevision },
          { put: 'flow', record: next, ifRevision: flow.revision },`,
    to: `          { put: 'entry', record: entry, ifRevision },
        ])
        await core.store.apply(scope, [
          { put: 'flow', record: next, ifRevision: flow.revision },`,
    tests: ['test/crash/lost-answers'],
  },
  {
    what: 'the memory store does not look at ifRevision',
    file: 'src/adapters/memory-write.ts',
    from: 'if ((stored?.revision ?? 0) !== ifRevision)',
    to: 'if (stored === null)',
    tests: ['test/adapters/memory-store'],
  },
  {
    what: 'any account passes for the same account',
    file: 'machines/config-flow-setup.ts',
    from: 'accountMismatches: ({ context }, result: CheckResult) => isAnother(context, result)',
    to: 'accountMismatches: ({ context }, result: CheckResult) => isAnother(context, result) && false',
    tests: ['test/machines/config-flow'],
  },
  {
    what: 'a connection that was proven in vain is not closed',
    file: 'src/engine/flow-charts.ts',
    from: 'void liveOf(connection).close()',
    to: 'liveOf(connection)',
    tests: ['test/engine/flows', 'test/engine/entry-under-flow'],
  },
  {
    what: 'a seal opens for any record',
    file: 'src/adapters/jose-cipher.ts',
    from: 'protectedHeader.ctx !== ctx',
    to: 'protectedHeader.ctx === undefined',
    tests: ['test/adapters/jose-cipher'],
  },
  {
    what: 'a refused credential is tried again',
    file: 'src/engine/entry-work.ts',
    from: 'if (rejected && !retryRejected) return',
    to: 'if (rejected && retryRejected) return',
    tests: ['test/engine/entry-work', 'test/engine/entry-run'],
  },
  {
    what: 'a submit may answer a form that has moved on',
    file: 'src/engine/flow-records.ts',
    from: 'if (flow.revision !== revision) throw',
    to: 'if (flow.revision < revision) throw',
    tests: ['test/engine/flows'],
  },
  {
    what: 'the budget of refused logins is never spent',
    file: 'src/engine/attempts.ts',
    from: 'const first = counted[counted.length - budget.limit]',
    to: 'const first = counted[counted.length]',
    tests: ['test/engine/attempts'],
  },
  {
    what: 'a result that comes too late is taken',
    file: 'src/engine/run.ts',
    from: 'if (this.#turn !== turn) {',
    to: 'if (turn === null) {',
    tests: ['test/engine/run', 'test/engine/flow-work', 'test/engine/entry-run', 'test/engine/connector'],
  },
  {
    what: 'errors are logged with the secrets in them',
    file: 'src/engine/scrub.ts',
    from: 'struck.replaceAll(form, STRUCK)',
    to: 'struck.replaceAll(form, form)',
    tests: ['test/canary'],
  },
  {
    what: 'the view prefills what was typed in secret fields',
    file: 'src/form.ts',
    from: 'if (!form.secrets.has(field)) clear[field] = kept',
    to: 'clear[field] = kept',
    tests: ['test/canary'],
  },
  {
    what: 'two flows may edit one entry',
    file: 'src/adapters/memory-write.ts',
    from: "throw new SlotTakenError('edit', holder)",
    to: 'void holder',
    tests: ['test/adapters/memory-store'],
  },
]
