import type { RunningSchema, Script, StatementAt, StatementFacts } from '../analysis/index.ts';
import type { LockkeeperError } from '../errors/index.ts';
import { isDestructive } from '../migration/index.ts';
import { type Suppression, suppressionsOf } from './allows.ts';
import { diagnosticOfError } from './error-diagnostic.ts';
import type { Diagnostic, FileReport, Report, StatementReport } from './report.ts';
import { isRule, ruleHint, rulesAsked, type Severities } from './severities.ts';

interface Noted {
  readonly diagnostic: Diagnostic;
  readonly unless: ((end: RunningSchema) => boolean) | undefined;
  /** The suppressions before its statement that name its rule. */
  readonly silencedBy: readonly Suppression[];
}

interface OpenFile {
  readonly version: string | null;
  readonly statements: StatementReport[];
  readonly noted: Noted[];
  readonly suppressions: Suppression[];
  broken: boolean;
}

const statementReport = (section: 'up' | 'down', line: number, facts: StatementFacts): StatementReport => {
  const { kind, objects, locks, judge, loss, lossOf } = facts;
  return {
    section,
    line,
    kind,
    objects: objects.map(({ kind: of, schema, name, part, role }) => ({
      kind: of,
      schema,
      name,
      ...(part === undefined ? {} : { part }),
      role,
    })),
    locks: locks.map(({ object, mode, duration }) => ({
      object: {
        kind: object.kind,
        schema: object.schema,
        name: object.name,
        ...(object.rows === undefined ? {} : { rows: object.rows }),
        ...(object.bytes === undefined ? {} : { bytes: object.bytes }),
      },
      mode,
      duration,
    })),
    transactional: judge === undefined,
    loss,
    lossOf,
    destructive: isDestructive(loss),
  };
};

const byPlace = (a: Diagnostic, b: Diagnostic): number => a.line - b.line || a.column - b.column;

/** Puts every statement to the rules while the scripts are replayed, and answers the report when all are. */
export class Collector {
  readonly #asked: ReturnType<typeof rulesAsked>;
  readonly #keepsStatements: boolean;
  readonly #isJudged: (file: string) => boolean;
  readonly #files = new Map<string, OpenFile>();

  /** @throws LockkeeperError `SettingsInvalid` */
  constructor(severities: Severities, isJudged: (file: string) => boolean, keepsStatements = true) {
    this.#keepsStatements = keepsStatements;
    this.#asked = rulesAsked(severities);
    this.#isJudged = isJudged;
  }

  /** A file that will be reported, whether or not it holds a statement. */
  open(file: string, version: string | null): void {
    if (this.#isJudged(file)) this.#fileOf(file, version);
  }

  visit(at: StatementAt): void {
    const { script, name } = at.section;
    if (!this.#isJudged(script.file)) return;
    const file = this.#fileOf(script.file, script.version);
    if (at.index === 0 && script.allows.length > 0) this.#openSection(file, script, at);
    const { place } = at.statement;
    if (this.#keepsStatements) file.statements.push(statementReport(name, place.line, at.facts));
    for (const { rule, severity } of this.#asked) {
      if (!rule.sections.includes(name)) continue;
      for (const { location, message, remedy, unless } of rule.ask(at)) {
        const { line, column } = location === undefined ? place : at.statement.placeOfByte(location);
        file.noted.push({
          diagnostic: { rule: rule.id, severity, line, column, message, remedy },
          unless,
          silencedBy: file.suppressions.filter(
            ({ allow, statementLine }) => allow.rule === rule.id && statementLine === place.line,
          ),
        });
      }
    }
  }

  #openSection(file: OpenFile, script: Script, { section }: StatementAt): void {
    const { text, line } = (section.name === 'up' ? script.up : script.down) ?? script.up;
    file.suppressions.push(...suppressionsOf(script.allows, { text, line }, section.statements));
  }

  #fileOf(name: string, version: string | null): OpenFile {
    const known = this.#files.get(name);
    if (known !== undefined) return known;
    const file: OpenFile = { version, statements: [], noted: [], suppressions: [], broken: false };
    this.#files.set(name, file);
    return file;
  }

  /** An error of the analysis, or of the files before it; one that names no judged file is passed over. */
  fail(error: LockkeeperError, severity: 'error' | 'warning' = 'error'): void {
    const name = String(error.details['file'] ?? '');
    if (!this.#isJudged(name)) return;
    const file = this.#fileOf(name, null);
    // statements that were not read may be those that are allowed
    if (error.code === 'SqlSyntaxInvalid') file.broken = true;
    file.noted.push({ diagnostic: diagnosticOfError(error, severity), unless: undefined, silencedBy: [] });
  }

  /** The report, once all is replayed: `end` is the schema after the last script. */
  report(end: RunningSchema): Report {
    const files: FileReport[] = [];
    const counts = { error: 0, warning: 0, notice: 0 };
    for (const [file, { version, statements, noted, suppressions, broken }] of this.#files) {
      const diagnostics: Diagnostic[] = [];
      for (const { diagnostic, unless, silencedBy } of noted) {
        if (unless?.(end) === true) continue;
        if (silencedBy.length === 0) diagnostics.push(diagnostic);
        for (const suppression of silencedBy) suppression.used = true;
      }
      if (!broken) diagnostics.push(...suppressions.flatMap((each) => this.#complaint(each)));
      for (const { severity } of diagnostics) counts[severity] += 1;
      files.push({ file, version, statements, diagnostics: diagnostics.toSorted(byPlace) });
    }
    return { format: 1, files, counts };
  }

  #complaint({ allow: { rule, line }, used }: Suppression): Diagnostic[] {
    if (used) return [];
    const complaint = (message: string, remedy: string): Diagnostic[] => [
      { rule: 'AllowInvalid', severity: 'error', line, column: 1, message, remedy },
    ];
    if (!isRule(rule)) return complaint(`lockkeeper:allow names ${rule}, which is no rule`, ruleHint(rule));
    // a rule that is switched off finds nothing, and what allows it does no harm
    if (!this.#asked.some((each) => each.rule.id === rule)) return [];
    return complaint(
      `lockkeeper:allow ${rule} silences nothing: the rule finds nothing in the statement below`,
      'take the comment out, or put it right before the statement that it is about',
    );
  }
}
