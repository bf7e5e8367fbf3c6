import { columns } from './columns.ts'
import type { Outcome, Terminal } from './command.ts'
import { checks, type DoctorOptions, type Finding, Installation } from './doctor-checks.ts'
import { EXIT } from './exit-codes.ts'

/** `latchkey doctor`: checks the installation and prints the problems with their fixes. */
export async function doctor(terminal: Terminal, options: DoctorOptions): Promise<Outcome> {
  const installation = new Installation(terminal, options)
  const findings: (Finding & { readonly check: string })[] = []
  try {
    for (const { name, check } of checks) findings.push({ check: name, ...(await installation.run(check)) })
  } finally {
    await installation.release()
  }
  const has = (status: Finding['status']) => findings.some((finding) => finding.status === status)
  const exit = has('failed') ? EXIT.failed : has('attention') ? EXIT.needsUser : EXIT.done
  const rows = findings.map(({ status, check, detail }) => [status, check, detail])
  return { exit, document: { ok: exit === EXIT.done, checks: findings }, text: columns(rows) }
}
