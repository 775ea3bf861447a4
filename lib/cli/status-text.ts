import type { Line, MigrationState, StatusRow } from './line.ts';
import { planText } from './plan-text.ts';
import type { Style } from './style.ts';
import { counted, executionName, table } from './wording.ts';

const order = [
  'applied',
  'applying',
  'reverting',
  'pending',
  'reverted',
  'altered',
  'missing',
  'late',
  'newer',
] as const satisfies readonly MigrationState[];

const meaning: Partial<Record<MigrationState, string>> = {
  applying: 'begun and not finished; the next run goes on',
  reverting: 'half-way back; the next rollback goes on',
  altered: 'the file was edited after it was applied',
  missing: 'applied, but the file is gone',
  late: 'its timestamp is before the last applied one; see: lockkeeper rebase',
  newer: 'in the ledger only: these files are behind',
};

const painted = (state: MigrationState, text: string, style: Style): string => {
  switch (state) {
    case 'applied':
      return style.green(text);
    case 'pending':
    case 'reverted':
    case 'newer':
      return text;
    case 'applying':
    case 'reverting':
      return style.yellow(text);
    default:
      return style.red(text);
  }
};

const summary = (rows: readonly StatusRow[]): string =>
  order
    .map((state) => ({ state, count: rows.filter((row) => row.state === state).length }))
    .filter(({ count }) => count > 0)
    .map(({ state, count }) => `${count} ${state}`)
    .join(', ') || 'no migrations';

/** Where every migration stands, the sum of it, and who runs just now. */
export const statusText = (status: Extract<Line, { type: 'status' }>, style: Style): string[] => {
  const { migrations, lease } = status;
  const rows = table(migrations.map(({ version, name, state }) => [state, version, name, meaning[state] ?? '']));
  return [
    ...rows.map((row, at) => painted(migrations[at]?.state ?? 'pending', row, style)),
    style.bold(summary(migrations)),
    ...(lease ? [`lease: ${lease.holder}${lease.since === null ? '' : ` since ${lease.since}`}`] : []),
  ];
};

/** What a stack's own plan says: it knows only the deployed migrations. */
export const stackStatusText = ({ plan, running }: Extract<Line, { type: 'stack-status' }>, style: Style): string[] => [
  ...(plan
    ? [
        `${plan.appliedCount} applied, last ${plan.lastApplied ?? 'none'}; ${counted(plan.count, 'migration')} pending${plan.newer > 0 ? `; the ledger is ahead by ${plan.newer}` : ''}`,
        ...planText(plan, style),
      ]
    : []),
  ...(running.length === 0
    ? ['no run in progress']
    : running.map((execution) => style.yellow(`running: ${executionName(execution)} (${execution})`))),
];
