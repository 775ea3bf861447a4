import { exactly, type Probe, value } from './probe.ts';

const oldest = 14;

/** What the role of the secret may do, and the server that it meets. */
export const rights: readonly Probe[] = [
  {
    name: 'server-version',
    tries: 'asks for the version of PostgreSQL',
    expected: `${oldest} or newer`,
    otherwise: { by: 'operator', means: 'upgrade the cluster: the ledger needs a newer PostgreSQL' },
    anywhere: true,
    look: async (ground) => {
      const found = await value(ground, "SELECT current_setting('server_version') AS value");
      return { holds: Number.parseInt(found, 10) >= oldest, found };
    },
  },
  {
    name: 'create-schema',
    tries: 'asks whether the role may create a schema',
    expected: 'allowed',
    otherwise: {
      by: 'lockkeeper',
      means: "a ledger's schema that was made beforehand and belongs to the role is enough; most probes were left out",
    },
    anywhere: true,
    look: async (ground) =>
      exactly('allowed')(
        await value(
          ground,
          "SELECT CASE WHEN has_database_privilege(current_database(), 'CREATE') THEN 'allowed' ELSE 'refused' END AS value",
        ),
      ),
  },
  {
    name: 'ledger-install',
    tries: 'installs the ledger, or finds it',
    expected: 'installed',
    otherwise: {
      by: 'operator',
      means: "let the role create schemas in the database, or make the ledger's schema and give it to the role",
    },
    anywhere: true,
    look: async ({ ledger }) => {
      await ledger.install();
      return exactly('installed')('installed');
    },
  },
  {
    name: 'session-defaults',
    tries: 'asks how the transactions of a new session begin',
    expected: 'read committed, read only off',
    otherwise: {
      by: 'lockkeeper',
      means: 'procedures begin transactions of their own; without commit-inside-call runs end as SessionUnfit',
    },
    anywhere: true,
    look: async (ground) =>
      exactly('read committed, read only off')(
        await value(
          ground,
          "SELECT current_setting('default_transaction_isolation') || ', read only ' || current_setting('default_transaction_read_only') AS value",
        ),
      ),
  },
  {
    name: 'other-sessions',
    tries: 'asks whether the role sees what the sessions of other roles do',
    expected: 'visible',
    otherwise: {
      by: 'lockkeeper',
      means:
        'a concurrent build waits for the transactions of other roles without naming them; GRANT pg_read_all_stats to have them named',
    },
    anywhere: true,
    look: async (ground) =>
      exactly('visible')(
        await value(
          ground,
          "SELECT CASE WHEN pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') THEN 'visible' ELSE 'hidden' END AS value",
        ),
      ),
  },
];
