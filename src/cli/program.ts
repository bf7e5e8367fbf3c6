import { Command, CommanderError } from 'commander'
import { type Outcome, type Terminal, tell } from './command.ts'
import { doctor } from './doctor.ts'
import { UsageError } from './errors.ts'
import { EXIT, type ExitCode, exitCodeOf, exitCodesHelp } from './exit-codes.ts'
import { add, change, reauth } from './flow-commands.ts'
import { formats, graph, machineNames } from './graph.ts'
import { history } from './history.ts'
import { ignore, unignore } from './ignore.ts'
import { list } from './list.ts'
import { readManifest } from './package-root.ts'
import { problemOf } from './problem.ts'
import { remove } from './remove.ts'
import { serve } from './serve.ts'

const givingHelp = `
Secrets are typed at a hidden prompt, piped in, or taken from the environment; never from arguments, which
everybody on the machine can read.
  latchkey add my_hub --input - < fields.json              a JSON object: {"host": "…", "apiToken": "…"}
  LATCHKEY_API_TOKEN=… latchkey add my_hub --set host=hub.local --json`

/** Runs one command line. Whatever goes wrong is told, and comes back as an exit code. */
export async function runCli(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let exit: ExitCode = EXIT.done
  const program = createProgram(terminal, (code) => {
    exit = code
  })
  try {
    await program.parseAsync([...args], { from: 'user' })
    return exit
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return EXIT.done
    const problem = problemOf(thrown instanceof CommanderError ? usageOf(thrown) : thrown)
    if (args.includes('--json')) terminal.output.write(`${JSON.stringify(problem)}\n`)
    else terminal.errors.write(`${problem.detail}\n`)
    return exitCodeOf(problem.code)
  }
}

/** The commands and their options; `done` hears the exit code. */
export function createProgram(terminal: Terminal, done: (exit: ExitCode) => void): Command {
  const program = new Command('latchkey')
    .description('Links accounts, and mends them when their credentials stop working.')
    .version(readManifest().version)
    .option('--config <path>', 'the configuration (default: latchkey.config.ts, .mjs or .js in this folder)')
    .option('--json', 'ask nothing, and print one JSON document; a problem (RFC 9457) where it failed')
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.output.write(text),
      writeErr: (text) => terminal.errors.write(text),
      // What is wrong with a command line is told by runCli, which repeats none of its values.
      outputError: () => {},
    })
    .addHelpText('afterAll', `\n${exitCodesHelp}`)

  const print = (command: Command, outcome: Outcome) => {
    tell(terminal, command.optsWithGlobals(), outcome)
    done(outcome.exit)
  }

  program
    .command('serve')
    .description('serve the page and the API on this machine, until Ctrl-C')
    .option(
      '--port <number>',
      'the port (default: 8124, or http.port of the configuration); 0 picks a free one',
      port,
    )
    .option('--no-open', 'open no browser')
    .action(async (_, command: Command) => done(await serve(terminal, command.optsWithGlobals())))

  program
    .command('list')
    .description('list the entries, and what each needs')
    .option('--all', 'list also what was found, and what is ignored')
    .option('--connect', 'connect every entry first')
    .option('--check', 'exit with 3 where an entry needs a person')
    .action(async (_, command: Command) => print(command, await list(terminal, command.optsWithGlobals())))

  giving(program.command('add <domain>'))
    .description('link an account of an integration, or add something under an entry')
    .option('--to <entry>', 'the entry under which something is added')
    .option('--type <type>', 'what kind of thing that is, where there are several')
    .action(async (domain: string, _, command: Command) =>
      print(command, await add(terminal, command.optsWithGlobals(), domain)),
    )

  giving(program.command('reauth [entry]'))
    .description('enter a new credential, for an entry or for one of those that need it')
    .action(async (entry: string | undefined, _, command: Command) =>
      print(command, await reauth(terminal, command.optsWithGlobals(), entry)),
    )

  giving(program.command('reconfigure <entry>'))
    .description('change what an entry was set up with, or something under it')
    .option('--subentry <id or title>', 'what under the entry is changed')
    .action(async (entry: string, _, command: Command) =>
      print(command, await change(terminal, command.optsWithGlobals(), { source: 'reconfigure', entry })),
    )

  giving(program.command('replace <entry>'))
    .description('put another account in the place of the one that an entry has')
    .action(async (entry: string, _, command: Command) =>
      print(command, await change(terminal, command.optsWithGlobals(), { source: 'replace', entry })),
    )

  giving(program.command('options <entry>'))
    .description('change how an entry works, where its integration has options')
    .action(async (entry: string, _, command: Command) =>
      print(command, await change(terminal, command.optsWithGlobals(), { source: 'options', entry })),
    )

  program
    .command('remove <entry>')
    .description('remove an entry and its credentials, or something under it')
    .option('--subentry <id or title>', 'what under the entry is removed')
    .option('--yes', 'do not ask')
    .action(async (entry: string, _, command: Command) =>
      print(command, await remove(terminal, command.optsWithGlobals(), entry)),
    )

  program
    .command('ignore <found>')
    .description('keep what was found from being offered again')
    .action(async (found: string, _, command: Command) =>
      print(command, await ignore(terminal, command.optsWithGlobals(), found)),
    )

  program
    .command('unignore <entry>')
    .description('let what is ignored be offered again, once it is found again')
    .action(async (entry: string, _, command: Command) =>
      print(command, await unignore(terminal, command.optsWithGlobals(), entry)),
    )

  program
    .command('history <entry>')
    .description('tell who did what to an entry; by its id also after its removal')
    .action(async (entry: string, _, command: Command) =>
      print(command, await history(terminal, command.optsWithGlobals(), entry)),
    )

  program
    .command('doctor')
    .description('look the installation over')
    .option('--connect', 'connect every entry first')
    .action(async (_, command: Command) => print(command, await doctor(terminal, command.optsWithGlobals())))

  program
    .command('graph <machine>')
    .description(`draw a statechart: ${machineNames.join(', ')}`)
    .option('--format <format>', formats.join(' or '), oneOf(formats), 'mermaid')
    .action(async (machine: string, _, command: Command) =>
      print(command, await graph(command.optsWithGlobals(), machine)),
    )

  return program
}

/** The options of commands that fill in forms. */
function giving(command: Command): Command {
  return command
    .option('--set <name=value>', 'a field that is no secret; may be repeated', collect)
    .option('--input <->', 'read fields as a JSON object from standard input', oneOf(['-']))
    .option('--no-open', 'open no browser where somebody signs in at the service')
    .addHelpText('after', givingHelp)
}

const collect = (value: string, before: readonly string[] = []): string[] => [...before, value]

const oneOf = (allowed: readonly string[]) => (value: string) => {
  if (!allowed.includes(value)) throw new UsageError(`This option takes ${allowed.join(' or ')}.`)
  return value
}

function port(value: string): number {
  const number = Number(value)
  if (/^\d+$/.test(value) && number < 65_536) return number
  throw new UsageError('A port is a number from 0 to 65535.')
}

/** What is wrong with a command line. What was written there is not repeated: it may be a secret gone astray. */
function usageOf({ code, message }: CommanderError): UsageError {
  switch (code) {
    case 'commander.help':
      return new UsageError('Name a command.')
    case 'commander.unknownCommand':
      return new UsageError('There is no such command. See latchkey --help.')
    case 'commander.unknownOption':
      return new UsageError(
        'There is no such option. Fields are given by --set name=value, secrets at the prompt, by --input - or in the environment. See --help.',
      )
    case 'commander.excessArguments':
      return new UsageError('There are too many arguments. See --help.')
    default:
      return new UsageError(`${message.replace(/^error: /, '')}. See --help.`)
  }
}
