import { exactly, outcomeMeanwhile, type Answer, type Probe, type ProbeGround, value } from './probe.ts';

/** Runs `act` with the process numbers of a statement of ours that runs meanwhile; none when it was not seen. Answers how that statement ended, too. */
const whileAsleep = async (
  { database, schema }: ProbeGround,
  act: (pids: readonly number[]) => Promise<Answer | null>,
): Promise<{ answer: Answer | null; ended: string }> => {
  const leading = `/* ${schema} sleeps */`;
  const sleeping = outcomeMeanwhile(database.query(`${leading} SELECT CAST(pg_sleep(3) AS text) AS slept`));
  let pids: readonly number[] = [];
  for (let looks = 0; looks < 40 && pids.length === 0; looks += 1) {
    if (looks > 0) await database.query('SELECT CAST(pg_sleep(0.05) AS text) AS slept');
    const rows = await database.query(
      `SELECT CAST(a.pid AS bigint) AS pid FROM pg_catalog.pg_stat_activity a WHERE a.state = 'active' AND a.pid <> pg_backend_pid()
      AND starts_with(a.query, CAST(:leading AS text))`,
      { leading },
    );
    pids = rows.map(({ pid }) => Number(pid));
  }
  const answer = await act(pids);
  for (const pid of pids) await database.query('SELECT pg_cancel_backend(CAST(:pid AS integer)) AS cancelled', { pid });
  return { answer, ended: await sleeping };
};

/** What one call sees of another. */
export const sessions: readonly Probe[] = [
  {
    name: 'session-state',
    tries: 'sets something with SET and looks for it in the calls that follow',
    expected: 'gone',
    otherwise: { by: 'lockkeeper', means: 'nothing rests on it: each call sets what it needs, and puts it back' },
    anywhere: true,
    look: async (ground) => {
      await ground.database.query("SET lockkeeper.probe = 'kept'");
      for (let looks = 0; looks < 4; looks += 1) {
        const found = await value(
          ground,
          "SELECT coalesce(nullif(current_setting('lockkeeper.probe', true), ''), 'gone') AS value",
        );
        if (found !== 'gone') return { holds: false, found };
      }
      return exactly('gone')('gone');
    },
  },
  {
    name: 'activity-comment',
    tries: 'looks in pg_stat_activity for the leading comment of a statement that runs',
    expected: 'visible',
    otherwise: {
      by: 'operator',
      means:
        'a build that still runs is not found, so it may be begun a second time: leave out CONCURRENTLY, and report it',
    },
    anywhere: true,
    look: async (ground) => {
      const { answer } = await whileAsleep(ground, async (pids) =>
        exactly('visible')(pids.length > 0 ? 'visible' : 'not seen'),
      );
      return answer ?? { holds: null, found: 'not seen' };
    },
  },
  {
    name: 'cancel-own',
    tries: 'cancels a statement of its own with pg_cancel_backend',
    expected: 'SQLSTATE 57014',
    otherwise: { by: 'operator', means: 'lockkeeper stop leaves the statement running; end its session by hand' },
    anywhere: true,
    look: async (ground) => {
      let seen = 0;
      const { ended } = await whileAsleep(ground, async (pids) => {
        seen = pids.length;
        return null;
      });
      return seen === 0 ? { holds: null, found: 'no statement was seen to cancel' } : exactly('SQLSTATE 57014')(ended);
    },
  },
];
