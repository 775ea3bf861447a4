import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { errorTable, isErrorCode } from '../errors/index.ts';
import { type Action, type ActionOutput, actionSchemas } from '../workflow/actions.ts';
import { type Call, failedCall, scheduledCall, succeededOutput } from './event-payload.ts';
import type { Direction, RunLine } from './line.ts';

/** What has not changed is told again after this long, so that a pipeline sees that the run lives. */
const repeatAfterMs = 60_000;

interface Step {
  readonly versions: readonly string[];
  readonly sinceMs: number;
}

const answerOf = <A extends Action>(action: A, output: unknown): ActionOutput<A> | undefined => {
  const parsed = actionSchemas[action].output.safeParse(output);
  return parsed.success ? (parsed.data as ActionOutput<A>) : undefined;
};

const versionsOf = (payload: Readonly<Record<string, unknown>>): string[] => {
  const { migrations, migration } = payload as { migrations?: { version: string }[]; migration?: { version: string } };
  return (migrations ?? (migration ? [migration] : [])).map(({ version }) => version);
};

/** Of the versions a call was sent, those up to the last that it did. */
const doneOf = (versions: readonly string[], last: string | null): readonly string[] =>
  last === null ? [] : versions.slice(0, versions.indexOf(last) + 1);

/**
 * Tells an execution's history, event by event, in the words of a run. Events come in order, each once;
 * what it does not know it passes over, so that a newer definition can be followed.
 */
export const storyteller = (direction: Direction): ((event: HistoryEvent) => readonly RunLine[]) => {
  let state = '';
  let call: Call | undefined;
  let step: Step | null = null;
  let snapshot: { readonly identifier: string; readonly sinceMs: number } | null = null;
  let attempt = 0;
  const told = new Map<string, { readonly text: string; readonly atMs: number }>();

  const isNews = (topic: string, text: string, atMs: number): boolean => {
    const before = told.get(topic);
    if (before?.text === text && atMs - before.atMs < repeatAfterMs) return false;
    told.set(topic, { text, atMs });
    return true;
  };

  const scheduled = (next: Call, atMs: number, at: string): RunLine[] => {
    call = next;
    if (next.kind === 'service') {
      const identifier = next.parameters.DbClusterSnapshotIdentifier;
      if (next.resource !== 'createDBClusterSnapshot' || typeof identifier !== 'string') return [];
      snapshot ??= { identifier, sinceMs: atMs };
      return [{ type: 'snapshot-started', identifier, at }];
    }
    if (step !== null || (next.action !== 'apply' && next.action !== 'advance')) return [];
    step = { versions: versionsOf(next.payload), sinceMs: atMs };
    const [version] = step.versions;
    if (next.action === 'apply') return [{ type: 'batch-started', direction, versions: step.versions, at }];
    return version === undefined ? [] : [{ type: 'alone-started', direction, migration: version, at }];
  };

  const progressed = (version: string | null, progress: string, atMs: number, at: string): RunLine[] =>
    isNews('progress', `${version} ${progress}`, atMs) ? [{ type: 'progress', migration: version, progress, at }] : [];

  const succeeded = (output: unknown, atMs: number, at: string): RunLine[] => {
    if (call?.kind !== 'action') return [];
    const { versions, sinceMs } = step ?? { versions: [], sinceMs: atMs };
    const durationMs = atMs - sinceMs;
    switch (call.action) {
      case 'check': {
        const answer = answerOf('check', output);
        return answer && answer.decision !== 'doctor'
          ? [{ type: 'plan', decision: answer.decision, message: answer.message, plan: answer.plan, at }]
          : [];
      }
      case 'acquire': {
        const answer = answerOf('acquire', output);
        if (!answer) return [];
        if (answer.taken) return [{ type: 'lease', token: answer.token, at }];
        const { holder, waitSeconds } = answer;
        return isNews('lease', holder, atMs) ? [{ type: 'lease-wait', holder, waitSeconds, at }] : [];
      }
      case 'apply': {
        const answer = answerOf('apply', output);
        if (answer?.status === 'running') return progressed(null, 'the batch is still running', atMs, at);
        step = null;
        if (!answer) return [];
        const { applied, already, last } = answer;
        return [
          { type: 'batch', direction, versions: doneOf(versions, last), count: applied, already, durationMs, at },
        ];
      }
      case 'advance': {
        const answer = answerOf('advance', output);
        const [version = null] = versions;
        if (answer?.status === 'running') return progressed(version, answer.progress, atMs, at);
        step = null;
        return answer && version !== null ? [{ type: 'alone', direction, migration: version, durationMs, at }] : [];
      }
      case 'recordSnapshot': {
        const { identifier, sinceMs: begun } = snapshot ?? {
          identifier: String(call.payload.identifier),
          sinceMs: atMs,
        };
        snapshot = null;
        return [{ type: 'snapshot', identifier, durationMs: atMs - begun, at }];
      }
      default:
        return [];
    }
  };

  const failed = ({ error, message }: { error: string; message: string }, at: string): RunLine[] => {
    const passes = isErrorCode(error) ? errorTable[error].retry : /^(States\.Timeout|Lambda\.|Sandbox\.)/.test(error);
    if (!passes) return [];
    attempt += 1;
    return [{ type: 'trouble', state, code: error, message, attempt, at }];
  };

  return (event) => {
    const atMs = event.timestamp?.getTime() ?? 0;
    const at = new Date(atMs).toISOString();
    if (event.stateEnteredEventDetails) {
      state = event.stateEnteredEventDetails.name ?? '';
      attempt = 0;
      return [{ type: 'state', state, at }];
    }
    const next = scheduledCall(event);
    if (next) return scheduled(next, atMs, at);
    if (event.taskSucceededEventDetails ?? event.lambdaFunctionSucceededEventDetails) {
      return succeeded(succeededOutput(event), atMs, at);
    }
    const failure = failedCall(event);
    return failure ? failed(failure, at) : [];
  };
};
