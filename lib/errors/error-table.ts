/** Whose move it is when a code appears: who writes the migration, who runs the service, or the database's own (repeat it). */
export type Mover = 'author' | 'operator' | 'database';

/**
 * What one code means. `retry` says that the same step can succeed unchanged; `exit` is the command line's exit code;
 * `remedy` is one sentence, an instruction.
 */
export interface ErrorFacts {
  readonly mover: Mover;
  readonly retry: boolean;
  readonly exit: 3 | 4 | 5 | 6 | 64;
  readonly remedy: string;
}

const author = (remedy: string): ErrorFacts => ({ mover: 'author', retry: false, exit: 5, remedy });
const usage = (remedy: string): ErrorFacts => ({ mover: 'operator', retry: false, exit: 64, remedy });
const operator = (remedy: string, exit: ErrorFacts['exit'] = 5): ErrorFacts => ({
  mover: 'operator',
  retry: false,
  exit,
  remedy,
});
const database = (remedy: string): ErrorFacts => ({ mover: 'database', retry: true, exit: 3, remedy });

/** Every error this project raises. Retries in the state machines, hints, docs and runbook come from here. */
export const errorTable = {
  // the files
  MigrationNameInvalid: author(
    'rename the file to YYYYMMDDHHMMSS-description.sql, for example with: lockkeeper new "add user email"',
  ),
  VersionDuplicate: author(
    'give the newer of the two a new timestamp with: lockkeeper rebase VERSION, naming the version',
  ),
  UpMissing: author('add a line "-- migrate:up" and the statements under it'),
  DownMissing: author(
    'add a "-- migrate:down" section, or "-- irreversible: <the steps a person takes instead>" at the top',
  ),
  MarkerUnknown: author('use one of: -- migrate:up, -- migrate:down, -- migrate:verify'),
  DirectiveUnknown: author('use one of the documented directives, or write the comment without the colon'),
  DirectiveInvalid: author('write each directive once, as documented, with its value'),
  AllowInvalid: author(
    'name a rule that finds something in the statement right below, with a reason; or take the comment out',
  ),
  RuleFound: author(
    'follow each error; a finding of a rule can also be allowed, with "-- lockkeeper:allow <rule> <reason>" before its statement',
  ),
  FixRefused: author(
    'put the change into a new migration; or, where the file was never shipped, name the last version that was: lockkeeper check --fix --since VERSION',
  ),
  MarkerRepeated: author('keep one section of each kind'),
  SqlSyntaxInvalid: author('correct the statement at the place shown'),
  StatementRefused: author('change the statement as the message says, or take it out of the migration'),
  VerifyInvalid: author('write each verify statement as one SELECT that answers a single true'),
  FileUnreadable: author('make it a file that this user may read, with UTF-8 text and no NUL bytes'),
  FileEmpty: author('write the statements, or leave the file out'),
  MigrationTooLarge: author('split the migration; a request to the Data API holds 4 MiB'),
  SettingsInvalid: author('correct lockkeeper.json at the key shown'),
  SumMissing: author('write it with: lockkeeper sum'),
  SumMismatch: author(
    'if the change is meant and was never shipped, run: lockkeeper sum; otherwise restore the file from version control',
  ),
  ProofInvalid: author('write it anew with: lockkeeper check --prove'),
  WayBackBroken: author(
    'correct the down as the message shows, or replace it by "-- irreversible: <the steps a person takes instead>"',
  ),
  CatalogueInvalid: usage('write it anew with: lockkeeper catalog > FILE'),
  ProofStale: author('prove it again with: lockkeeper check --prove'),
  LockUnforeseen: author('plan for the lock that was seen, which counts; the plan says less than happens'),
  UpRefused: author('correct the up; it has to run on the schema that the migrations before it make'),
  // the files against the ledger
  MigrationAltered: author('restore the file as it was applied and put the change into a new migration'),
  MigrationMissing: author('restore the file from version control; an applied migration stays in the changelog'),
  MigrationLate: author('give it a new timestamp with: lockkeeper rebase'),
  // what was asked for
  InputInvalid: usage('correct the input; the message names the allowed keys'),
  UsageInvalid: usage('see: lockkeeper --help'),
  FileAbsent: usage('name files that are there, a directory with .sql files, or - for standard input'),
  TargetUnknown: usage('name a version that is in the changelog or the ledger, see: lockkeeper status'),
  ManifestMismatch: operator('deploy, then start the run again once the new state machine definition is in place'),
  ApprovalNeeded: operator('read the plan and start again with the digest as "approve"'),
  PlanChanged: operator('start again: it plans anew, and nothing is done that the plan of its run does not show'),
  MigrationIrreversible: operator('follow the documented steps in the message, or restore a snapshot'),
  RollbackUnfinished: operator('start Rollback again to finish what it began; then migrate'),
  // the run
  LeaseHeld: operator('wait for the run that holds it, or stop it with: lockkeeper stop'),
  RunEnded: operator('start a new execution, under a name that no run had before'),
  LeaseLost: operator('another run took over; look at it with: lockkeeper status', 3),
  MigrationFailed: {
    ...author('correct the migration (it was taken back whole), note it with: lockkeeper sum, and run again'),
    exit: 3,
  },
  RevertFailed: operator(
    'it is the stored down that runs, not the file: correct the data or the schema and start the rollback again, or go forward with a new migration',
    3,
  ),
  StatementAloneFailed: {
    ...author(
      'correct the data and run again; or take the migration back with: lockkeeper down --steps 1, and then correct the file',
    ),
    exit: 4,
  },
  IndexInvalid: operator(
    'correct the data that the index cannot hold; the run left the index invalid and the next one rebuilds it',
    4,
  ),
  LongTransaction: operator('end the sessions named in the message, then run again', 3),
  StepBrokenOff: operator(
    "look in the server's log why it breaks each time (memory, a crash, a session that ends itself), then run again",
    4,
  ),
  RunAborted: operator('start it again; it continues where it stopped', 3),
  RunTimedOut: operator('start it again; it continues where it stopped', 3),
  RunStillRunning: operator('follow it with: lockkeeper status; the run goes on, deploy again when it has ended', 6),
  RunUnknown: usage('name a run from: lockkeeper history'),
  LockTimeout: database('another session holds a lock the migration needs; run again when it is quieter'),
  LedgerAbsent: { ...database('the ledger is installed by the first run'), retry: false },
  LedgerNewer: operator('deploy a version of Lockkeeper at least as new as the ledger'),
  SessionUnfit: operator(
    "run what the message says; where it names no setting, set the defaults of the role that the secret names: ALTER ROLE … SET default_transaction_isolation = 'read committed', and default_transaction_read_only = off",
  ),
  LedgerTampered: operator('compare the ledger with version control; the stored script is not what was applied', 4),
  // the database, through the Data API
  DatabaseResuming: database('the cluster is waking from its pause; run again in a minute'),
  DatabaseUnavailable: database('look at the cluster; run again when its writer is available'),
  OutcomeUnknown: database('run again; the ledger says what is applied'),
  StatementTimedOut: database('the statement runs on in the database; run again, it is waited for'),
  Throttled: database('run again; AWS refused the call for its rate'),
  StatementFailed: {
    mover: 'author',
    retry: false,
    exit: 3,
    remedy: 'read the SQLSTATE and the message of PostgreSQL',
  },
  StatementTooLarge: author('a single statement outside a transaction holds at most 65,536 characters'),
  ResultUnsupported: operator('cast the column to text; the Data API cannot return its type', 4),
  RequestRefused: operator('the Data API refused the request as malformed; report it with the message', 4),
  SecretInvalid: operator('check the secret ARN, its content and the permission to read it'),
  AccessDenied: operator('grant the permission that the message names'),
  ClusterNotFound: operator('check the cluster ARN, letter by letter, and that the cluster has an instance'),
  DataApiDisabled: operator("enable the cluster's Data API (after a rename: switch it off and on again)"),
  // snapshots
  SnapshotRefused: operator('remove old manual snapshots or raise the quota; nothing destructive has run', 3),
  SnapshotFailed: operator('look at the snapshot in the RDS console; nothing destructive has run', 3),
  SnapshotTimedOut: operator('look at the snapshot in the RDS console, then run again; nothing destructive has run', 3),
  SnapshotForeign: operator("a snapshot with this run's name belongs to something else; rename or delete it", 3),
  // the laptop
  DatabaseUrlRefused: operator('correct user, password and database name in --database-url'),
  PortTaken: operator('stop what listens there, or leave the port out to take a free one'),
  DiskFull: operator('free some disk space and run again; the database stopped safely', 3),
  PostgresFailed: operator('read the server log named in the message', 3),
  DirectoryUnusable: operator(
    'make the directory (lockkeeper new makes that of the migrations) or make it writable, or name another with --directory',
  ),
  DefinitionUnsupported: operator(
    'the message names the field of the States Language that the interpreter does not know',
  ),
  SdkActionUnsupported: operator('the local stand-in does not imitate this call; the message names it'),
  // the deployed stack
  StackUnusable: operator('check the stack name, the region and the credentials'),
  ExecutionUnknown: usage('name an execution that exists, see: lockkeeper status'),
  Unexpected: operator('this is a fault in Lockkeeper; report it with the log', 4),
} as const satisfies Record<string, ErrorFacts>;

/** A word from the table. It is an error's `name`, so Lambda reports it and Step Functions matches it. */
export type ErrorCode = keyof typeof errorTable;

/** Holds when `word` is one of the table's codes. */
export const isErrorCode = (word: string): word is ErrorCode => Object.hasOwn(errorTable, word);
