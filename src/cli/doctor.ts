import { columns } from './columns.ts'
import type { Outcome, Terminal } from './command.ts'
import { checks, type DoctorOptions, type Finding, Patient } from './doctor-checks.ts'
import { EXIT } from './exit-codes.ts'

/** `latchkey doctor`: looks the installation over, and says what is wrong and what to do about it. */
export async function doctor(terminal: Terminal, options: DoctorOptions): Promise<Outcome> {
  const patient = new Patient(terminal, options)
  const told: (Finding & { readonly check: string })[] = []
  try {
    for (const { name, look } of checks) told.push({ check: name, ...(await patient.examine(look)) })
  } finally {
    await patient.release()
  }
  const has = (status: Finding['status']) => told.some((finding) => finding.status === status)
  const exit = has('failed') ? EXIT.failed : has('attention') ? EXIT.needsPerson : EXIT.done
  const rows = told.map(({ status, check, detail }) => [status, check, detail])
  return { exit, document: { ok: exit === EXIT.done, checks: told }, text: columns(rows) }
}
