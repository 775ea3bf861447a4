import type { Plan } from '../workflow/actions.ts';
import type { Direction, Line, ResultLine } from './line.ts';
import { checkText } from './check-text.ts';
import { diffText } from './diff-text.ts';
import { doctorText } from './doctor-text.ts';
import { historyText } from './history-text.ts';
import { planBlocks, planText } from './plan-text.ts';
import { stackStatusText, statusText } from './status-text.ts';
import type { Style } from './style.ts';
import { counted, duration, executionName } from './wording.ts';

/** A version with its name, as the file has it; the version alone when nobody knows the name. */
export type NameOf = (version: string) => string;

const past: Record<Direction, string> = { up: 'applied', down: 'reverted' };
const machine: Record<Direction, string> = { up: 'Migrate', down: 'Rollback' };
const shownVersions = 30;

const batchText = (line: Extract<Line, { type: 'batch' }>, nameOf: NameOf, style: Style): string[] => {
  const { direction, versions, count, already, durationMs } = line;
  if (versions.length === 0) return [];
  const shown = versions.slice(0, shownVersions).map((version) => `${style.done}${past[direction]} ${nameOf(version)}`);
  const rest = versions.length - shown.length;
  const sum = `${counted(count, 'migration')} ${past[direction]} in ${duration(durationMs)}${already > 0 ? `, ${already} done before` : ''}`;
  return [...shown, ...(rest > 0 ? [`… and ${rest} more`] : []), style.dim(sum)];
};

/** A plan has already been said when it was the whole answer. */
const isSaid = (output: unknown): boolean => (output as { verdict?: unknown } | null)?.verdict === 'plan';

const resultText = ({ message, failure, output }: ResultLine, verbose: boolean, style: Style): string[] => {
  if (failure === null) return message === null || isSaid(output) ? [] : [style.bold(message)];
  const { code, happened, now, todo, causes } = failure;
  return [
    `${style.failed}${style.red(style.bold(code))}: ${happened}`,
    ...(now === null ? [] : [`${style.bold('now:')} ${now}`]),
    `${style.bold('do:')} ${todo}`,
    ...(verbose ? causes.map((cause) => style.dim(`cause: ${cause}`)) : []),
  ];
};

const listed = (environment: Readonly<Record<string, string>>): string[] =>
  Object.entries(environment).map(([name, value]) => `${name}=${value}`);

const digestLine = ({ digest, approval }: Plan, style: Style): string =>
  approval ? `a run waits until this plan is approved: --approve ${digest}` : style.dim(`digest ${digest}`);

/** A line in words for a person; no lines where there is nothing to say. */
export const lineText = (line: Line, nameOf: NameOf, verbose: boolean, style: Style): string[] => {
  switch (line.type) {
    case 'started':
      return [`${style.bold(machine[line.direction])} ${style.dim(executionName(line.execution))}`];
    case 'plan':
      // nothing to do is the result's to say
      // what the result says is not said twice
      if (line.decision === 'nothing') return [];
      if (line.decision === 'approve') return planBlocks(line.plan, style);
      if (line.decision === 'go') return [line.message, ...planText(line.plan, style)];
      return [line.message, ...planBlocks(line.plan, style), digestLine(line.plan, style)];
    case 'lease-wait':
      return [style.yellow(`waiting for the lease, held by ${line.holder}`)];
    case 'snapshot-started':
      return [`creating snapshot ${line.identifier}`];
    case 'snapshot':
      return [`${style.done}snapshot ${line.identifier} available after ${duration(line.durationMs)}`];
    case 'batch':
      return batchText(line, nameOf, style);
    case 'alone-started':
      return [`running ${nameOf(line.migration)} outside a transaction`];
    case 'progress':
      return [style.dim(`${line.migration === null ? '' : `${nameOf(line.migration)}: `}${line.progress}`)];
    case 'alone':
      return [`${style.done}${past[line.direction]} ${nameOf(line.migration)} in ${duration(line.durationMs)}`];
    case 'trouble': {
      const again = line.attempt > 1 ? ` (${line.attempt} times)` : '';
      return [style.yellow(`${line.state}: met ${line.code}${again}: ${line.message}`)];
    }
    case 'state':
    case 'lease':
    case 'batch-started':
      return [];
    case 'result':
      return resultText(line, verbose, style);
    case 'check':
      return checkText(line, line.sources, style);
    case 'catalogue':
      // printed as a document
      return [];
    case 'document':
    case 'proof':
      return [line.text];
    case 'fixed':
      return [`${style.done}${line.rule}`, ...diffText(line.diff, style)];
    case 'created':
      return [line.file];
    case 'sum':
      return line.changes.length === 0 ? [`${line.file} is up to date`] : [...line.changes, `${line.file} written`];
    case 'rebased':
      return [`${line.from} → ${line.to}`];
    case 'status':
      return statusText(line, style);
    case 'stack-status':
      return stackStatusText(line, style);
    case 'history':
      return historyText(line.runs, style);
    case 'doctor':
      return doctorText(line.findings, style);
    case 'stopped':
      return [`stopped ${line.execution}`];
    case 'local':
      return listed(line.environment);
    case 'log':
      return [style.dim(line.text)];
    default:
      return line satisfies never;
  }
};
