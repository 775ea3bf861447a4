import { type Command, CommanderError } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { errorTable } from '../errors/index.ts';
import { exitCodes } from './exit-code.ts';
import { outcomeOfError } from './failure.ts';
import { onInterrupt } from './interrupt.ts';
import type { CommonOptions } from './invocation.ts';
import { type Outcome, refused } from './outcome.ts';
import { buildProgram, type Work } from './program.ts';
import { openScreen, type Screen } from './screen.ts';

const screenFor = (process: NodeJS.Process, options: { json?: boolean; verbose?: boolean }): Screen =>
  openScreen({
    out: process.stdout,
    err: process.stderr,
    json: options.json ?? false,
    verbose: options.verbose ?? false,
    environment: process.env,
    now: Date.now,
  });

const carryOut = async (process: NodeJS.Process, command: Command, work: Work): Promise<number> => {
  const options: CommonOptions = command.opts();
  const screen = screenFor(process, options);
  const interrupt = onInterrupt(process);
  let outcome: Outcome;
  try {
    outcome = await work({ options, screen, signal: interrupt.signal });
  } catch (error) {
    outcome = outcomeOfError(error);
  } finally {
    interrupt.release();
  }
  screen.line({ type: 'result', ...outcome });
  screen.end();
  return outcome.exit;
};

const usageError = ({ message }: CommanderError): Outcome =>
  refused(exitCodes.usage, {
    code: 'UsageInvalid',
    happened: message.replace(/^error: /, ''),
    now: null,
    todo: errorTable.UsageInvalid.remedy,
    causes: [],
  });

/** Runs one command line (without node and script) and returns its exit code. Prints; never throws. */
export const main = async (words: readonly string[], process: NodeJS.Process): Promise<number> => {
  let exit: number = exitCodes.usage;
  // on Node 20 the AWS SDK warns of its own plans, which is not for whoever runs a migration
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  // a reader that went away, as in `lockkeeper history | head`, is no error
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  const program = buildProgram(async (command, work) => {
    exit = await carryOut(process, command, work);
  }, packageJson.version);
  const json = words.includes('--json');
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => process.stdout.write(text),
      writeErr: (text) => json || process.stderr.write(text),
      outputError: () => {},
    });
  }
  try {
    await program.parseAsync([...words], { from: 'user' });
    return exit;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return exitCodes.done;
    // no command at all: commander has printed the help
    if (error.code === 'commander.help' && !json) return exitCodes.usage;
    screenFor(process, { json }).line({ type: 'result', ...usageError(error) });
    return exitCodes.usage;
  }
};
