import { Command, InvalidArgumentError, Option } from 'commander';
import { LockkeeperError } from '../errors/index.ts';
import type { ExecutionInput } from '../workflow/execution-input.ts';
import type { Invocation } from './invocation.ts';
import type { Direction } from './line.ts';
import type { Outcome } from './outcome.ts';

export type Work = (invocation: Invocation) => Promise<Outcome>;
/** Carries out what a command line asks for; given by `main`, so that a test can look at the parsing alone. */
export type Act = (command: Command, work: Work) => Promise<void>;

/** Where a command can work. */
type Place = 'laptop' | 'stack';

const whole =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) {
      throw new InvalidArgumentError(`expected a whole number from ${least} to ${most}`);
    }
    return value;
  };

const version = (text: string): string => {
  if (!/^\d{14}$/.test(text)) throw new InvalidArgumentError('a version has 14 digits');
  return text;
};

const versionOrNone = (text: string): string => (text === 'none' ? text : version(text));

const steps = new Option('--steps <n>', 'at most so many migrations').argParser(whole(1, 1_000_000));
const port = (flag: string, what: string): Option => new Option(`${flag} <n>`, what).argParser(whole(0, 65_535));
const approve = new Option('--approve <digest>', 'the digest of the plan that you have read');
const noWait = new Option('--no-wait', 'with --stack: start the run and do not follow it (exit code 6)');

/** What `check` was asked for. */
export interface CheckFlags {
  format: 'text' | 'json' | 'sarif' | 'github';
  since?: string;
  assumeInTransaction?: boolean;
  fix?: boolean;
  prove?: boolean;
  catalog?: string;
}

interface RunFlags {
  to?: string;
  steps?: number;
  approve?: string;
  manifest?: string;
  rollback?: boolean;
  detailedExitcode?: boolean;
  wait?: boolean;
}

const inputOf = ({ to, steps: count, approve: digest, manifest }: RunFlags): ExecutionInput => ({
  ...(to === undefined ? {} : { to: to as 'none' }),
  ...(count === undefined ? {} : { steps: count }),
  ...(digest === undefined ? {} : { approve: digest }),
  ...(manifest === undefined ? {} : { manifest }),
});

const runWork =
  (direction: Direction, flags: RunFlags, rest: ExecutionInput = {}): Work =>
  async (invocation) => {
    if (flags.wait === false && invocation.options.stack === undefined) {
      throw new LockkeeperError('UsageInvalid', '--no-wait is for --stack: a laptop run lives as long as its command');
    }
    const { run } = await import('./commands/run.ts');
    return run(
      {
        direction,
        input: { ...rest, ...inputOf(flags) },
        detailedExitcode: flags.detailedExitcode ?? false,
        wait: flags.wait ?? true,
      },
      invocation,
    );
  };

const withCommonOptions = (command: Command, places: readonly Place[]): Command => {
  command
    .option('--directory <dir>', "the project's root, where lockkeeper.json lies", '.')
    .option('--stage <name>', 'the stage whose settings of lockkeeper.json apply');
  if (places.includes('laptop')) {
    command.option('--database-url <url>', 'a PostgreSQL of your own, in place of the embedded one');
  }
  if (places.includes('stack')) {
    command.addOption(
      new Option('--stack <name>', 'a deployed stack, through its state machines').conflicts('databaseUrl'),
    );
  }
  return command.option('--json', 'one JSON object a line').option('--verbose', 'logs, and the causes of an error');
};

const both = ['laptop', 'stack'] as const;

/** The command line's grammar. Each command loads what it needs when it is called, so that a short one starts quickly. */
export const buildProgram = (act: Act, packageVersion: string): Command => {
  const program = new Command('lockkeeper')
    .description('Schema migrations for Aurora PostgreSQL, one gate at a time.')
    .version(packageVersion)
    .exitOverride();
  const add = (nameAndArguments: string, description: string, places: readonly Place[]): Command =>
    withCommonOptions(program.command(nameAndArguments).description(description), places);

  add('new <description...>', 'write a new, empty migration', []).action((words: string[], _, command) =>
    act(command, async (invocation) => (await import('./commands/new.ts')).newMigration(words.join(' '), invocation)),
  );
  add('sum', 'write lockkeeper.sum anew from the files', []).action((_, command) =>
    act(command, async (invocation) => (await import('./commands/sum.ts')).sum(invocation)),
  );
  add(
    'rebase [versions...]',
    'give migrations that came too late a new timestamp: these, or what the ledger has not applied',
    ['laptop'],
  )
    .addOption(
      new Option(
        '--after <version>',
        'ask no ledger: it stands at this version, with all up to it that lockkeeper.sum lists',
      ).argParser(version),
    )
    .action((versions: string[], { after }: { after?: string }, command) =>
      act(command, async (invocation) =>
        (await import('./commands/rebase.ts')).rebase({ versions, after }, invocation),
      ),
    );
  add(
    'check [files...]',
    'say what the migrations would lock, break and lose: all, these, or any SQL files (- reads standard input)',
    [],
  )
    .addOption(
      new Option('--format <format>', 'how to print what was found')
        .choices(['text', 'json', 'sarif', 'github'])
        .default('text')
        .conflicts('json'),
    )
    .addOption(
      new Option('--since <version>', 'judge only what comes after this version, the last that was shipped').argParser(
        version,
      ),
    )
    .option('--catalog <file>', 'what a database holds, as lockkeeper catalog writes it: the schema and its sizes')
    .option('--assume-in-transaction', 'files without markers run in one transaction each')
    .option('--fix', 'rewrite what can be rewritten safely, in migrations that were not shipped')
    .option('--prove', 'take each migration up, down and up again on a PostgreSQL of its own, and grade its way back')
    .action((files: string[], flags: CheckFlags, command) =>
      act(command, async (invocation) => (await import('./commands/check.ts')).check(files, flags, invocation)),
    );
  add('catalog', 'write what the database holds, for check --catalog', ['laptop']).action((_, command) =>
    act(command, async (invocation) => (await import('./commands/catalog.ts')).catalog(invocation)),
  );
  add('plan', 'show what a run would do', both)
    .addOption(
      new Option('--to <version>', 'the last version to apply; with --rollback: the one to keep, or none')
        .argParser(versionOrNone)
        .conflicts('steps'),
    )
    .addOption(steps)
    .option('--rollback', 'plan a rollback')
    .option('--detailed-exitcode', 'exit code 2 when there is something to do')
    .action((flags: RunFlags, command) => act(command, runWork(flags.rollback ? 'down' : 'up', flags, { plan: true })));
  add('up', 'apply the pending migrations', both)
    .addOption(new Option('--to <version>', 'the last version to apply').argParser(version).conflicts('steps'))
    .addOption(steps)
    .addOption(approve)
    .option('--manifest <root>', 'run only when the definition has this manifest')
    .addOption(noWait)
    .action((flags: RunFlags, command) => act(command, runWork('up', flags)));
  add('down', 'revert the newest run that applied something', both)
    .addOption(new Option('--to <version>', 'the version to keep, or none').argParser(versionOrNone).conflicts('steps'))
    .addOption(steps)
    .addOption(approve)
    .addOption(noWait)
    .action((flags: RunFlags, command) => act(command, runWork('down', flags)));
  add('status', 'where every migration stands', both).action((_, command) =>
    act(command, async (invocation) => (await import('./commands/status.ts')).status(invocation)),
  );
  add('history', 'the runs: who, when, what, how long', ['laptop'])
    .addOption(new Option('--limit <n>', 'how many runs').argParser(whole(1, 1000)).default(10))
    .action(({ limit }: { limit: number }, command) =>
      act(command, async (invocation) => (await import('./commands/history.ts')).history(limit, invocation)),
    );
  add('stop [execution]', 'stop the run in progress', both).action((execution: string | undefined, _, command) =>
    act(command, async (invocation) => (await import('./commands/stop.ts')).stop(execution, invocation)),
  );
  add('doctor', 'try what is believed of the database and its Data API', both).action((_, command) =>
    act(command, async (invocation) => (await import('./commands/doctor.ts')).doctor(invocation)),
  );
  add('local', 'keep database and Data API up, and print their addresses', ['laptop'])
    .addOption(port('--port', 'port of PostgreSQL'))
    .addOption(port('--data-api-port', 'port of the Data API'))
    .action((ports: { port?: number; dataApiPort?: number }, command) =>
      act(command, async (invocation) => (await import('./commands/local.ts')).local(ports, invocation)),
    );
  return program;
};
