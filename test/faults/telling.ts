import type { Seen } from './invariants.ts';
import type { Schedule } from './schedule.ts';

/** `r1` of a run's ARN, as the trace calls it. */
export const runnerOf = (run: string | null | undefined): string => run?.split(':').at(-1)?.split('-')[0] ?? 'nobody';

/** What a statement is, in few words: the routine that it calls, or its first word and what it reads. */
export const brief = (sql: string): string => {
  const routine = /CALL "?\w+"?\.(\w+)/.exec(sql)?.[1] ?? /"lockkeeper"\.(\w+)\(/.exec(sql)?.[1];
  if (routine !== undefined) return routine;
  const text = sql.replace(/\/\*.*?\*\/ ?/, '');
  if (!/^(SELECT|WITH)\b/i.test(text)) return text.slice(0, 60);
  const read = [...text.matchAll(/\b(?:from|join)\s+([\w".]+)(\(?)/gi)]
    .filter(([, , call]) => call === '')
    .map(([, name]) => name!.split('.').at(-1)!.replaceAll('"', ''));
  const [first = text.slice(0, 60), ...others] = new Set(read);
  return read.length === 0 ? first : `SELECT from ${[first, ...others].join(', ')}`;
};

/** Long, and nothing to a reader. */
const untold = new Set(['digest', 'tags', 'durationMs']);

/** What a Task answered. */
export const answerText = (result: unknown): string => {
  const payload = (result as { Payload?: unknown } | null)?.Payload;
  if (payload === undefined) return 'done';
  const told = JSON.stringify(payload, (key, value: unknown) => {
    if (untold.has(key) || value === null) return undefined;
    return key === 'steps' && Array.isArray(value) ? value.map(({ version }) => version as unknown) : value;
  });
  return told.slice(0, 240);
};

/** How a Task failed; a Lambda says it in JSON. */
export const failureText = ({ name, message }: Error): string => {
  const said = /^(\S+): (\{.*\})$/s.exec(message);
  if (said === null) return `${name} ${message}`.slice(0, 240);
  try {
    const { errorMessage = '' } = JSON.parse(said[2]!) as { errorMessage?: string };
    return `${said[1]}: ${errorMessage.split('\n')[0]}`.slice(0, 240);
  } catch {
    return message.slice(0, 240);
  }
};

/** Where the ledger stands: `token 6, held by r1; applied 100, 200, 300; reverting 400`. */
export const standingText = ({ lease, entries }: Seen): string => {
  const states = [...new Set(entries.map(({ state }) => state))];
  const told = states.map((state) => {
    const versions = entries.filter((each) => each.state === state).map(({ version }) => version.slice(-4));
    return `${state} ${versions.join(' ')}`;
  });
  const holder = lease.holder === null ? 'free' : `held by ${runnerOf(lease.holder)}`;
  return [lease.token === 0 ? 'not installed' : `token ${lease.token}, ${holder}`, ...told].join('; ');
};

/** A schedule in words, a line for each runner. */
export const scheduleText = (schedule: Schedule): string => {
  const { seed, part, start, changelog, procedures, unfitSessions, runners, interleaving } = schedule;
  const head = [
    `seed ${seed} (${part})`,
    { empty: 'an empty database', installed: 'the ledger is installed', migrated: 'everything is applied' }[start],
    ...(changelog === 'good' ? [] : [`the changelog is ${changelog}`]),
    ...(procedures === 'commit' ? [] : [`procedures: ${procedures}`]),
    ...(unfitSessions === true ? ['sessions begin SERIALIZABLE, READ ONLY'] : []),
  ];
  const lines = runners.map(({ machine, input, faults, startsAtCall }, at) => {
    const begins = at > 0 && startsAtCall !== undefined ? `, begins at call ${startsAtCall} of r1` : '';
    const told = faults.map(({ kind, call, service }) => `${kind} at call ${call} of ${service}`).join(', ');
    return `  r${at + 1}  ${machine} ${JSON.stringify(input)}${begins}: ${told || 'undisturbed'}`;
  });
  const held = interleaving && [
    `  r1 waits before its call ${interleaving.before}${interleaving.aborted ? ', aborted,' : ''} until r2 has made ${interleaving.until} calls or has ended`,
  ];
  return [head.join('; '), ...lines, ...(held ?? [])].join('\n');
};
