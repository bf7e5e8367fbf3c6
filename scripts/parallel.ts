// Runs npm scripts in parallel and fails if one of them fails: `node scripts/parallel.ts check "jest --coverage"`.
// The output of the last script is shown as it comes. The others print theirs in one piece when they end.
import { spawn } from 'node:child_process'

interface Ended {
  readonly script: string
  readonly passed: boolean
  readonly seconds: number
}

/** Runs one script, with its arguments. */
function run(script: string, shown: boolean): Promise<Ended> {
  const start = Date.now()
  const [name = '', ...args] = script.split(' ')
  const command = ['npm run --silent', name, ...(args.length > 0 ? ['--', ...args] : [])].join(' ')
  const child = spawn(command, { shell: true, stdio: ['ignore', ...(shown ? outputs : pipes)] })
  const output: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => output.push(chunk))
  return new Promise((resolve) => {
    child.once('close', (code) => {
      process.stdout.write(Buffer.concat(output))
      const seconds = Math.round((Date.now() - start) / 1_000)
      resolve({ script, passed: code === 0, seconds })
    })
  })
}

const outputs = ['inherit', 'inherit'] as const
const pipes = ['pipe', 'pipe'] as const

const scripts = process.argv.slice(2)
const results = await Promise.all(scripts.map((script, index) => run(script, index === scripts.length - 1)))
for (const { script, passed, seconds } of results) {
  console.log(`${passed ? 'passed' : 'FAILED'}  ${script} (${seconds} s)`)
}
if (results.some(({ passed }) => !passed)) process.exitCode = 1
