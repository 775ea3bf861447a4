import { DatabaseError } from 'pg';

/** One parameter in PostgreSQL's text format, with the type that it is declared to have. */
export interface BoundValue {
  readonly typeOid: number;
  readonly text: string | null;
}

export interface Column {
  readonly name: string;
  readonly typeOid: number;
  readonly typeModifier: number;
  /** 0 when it is not simply a column of a table. */
  readonly tableOid: number;
  readonly attributeNumber: number;
}

/** A field of RowDescription (https://www.postgresql.org/docs/17/protocol-message-formats.html) in pg's words. */
interface RowField {
  readonly name: string;
  readonly dataTypeID: number;
  readonly dataTypeModifier: number;
  readonly tableID: number;
  readonly columnID: number;
}

/** What a statement gave, as it came over the wire. */
export interface StatementResult {
  /** Null when the statement returns no rows by its nature. */
  readonly columns: readonly Column[] | null;
  readonly rows: readonly (readonly (string | null)[])[];
  /** Set when rows were left out because a limit was passed. */
  readonly overflow: 'row' | 'result' | null;
  /** The command tag, such as `INSERT 0 3`; empty for an empty query. */
  readonly tag: string;
  /** A COPY to or from the client was begun, which the Data API cannot do. */
  readonly copy: 'CopyInResponse' | 'CopyOutResponse' | null;
}

/** Holds when the connection ended with this statement, so that its end is not known. */
export class ConnectionLost extends Error {}

/** A result's limits: https://docs.aws.amazon.com/rdsdataservice/latest/APIReference/API_ExecuteStatement.html and the user guide. */
const resultLimitBytes = 1024 * 1024;
const rowLimitBytes = 64 * 1024;

interface Settle {
  readonly resolve: (result: StatementResult) => void;
  readonly reject: (error: unknown) => void;
}

/** The part of pg's connection that a submitted statement speaks to. */
interface Wire {
  readonly stream: { cork(): void; uncork(): void };
  parse(statement: { text: string; types: readonly number[] }): void;
  bind(portal: { values: readonly (string | null)[] }): void;
  describe(what: { type: 'P'; name: string }): void;
  execute(portal: { portal: string }): void;
  sync(): void;
  sendCopyFail(reason: string): void;
  once(event: string, listener: () => void): void;
  removeListener(event: string, listener: () => void): void;
}

/**
 * One statement by the extended query protocol in one round trip, raw text in and out. It settles at ReadyForQuery, since the
 * commit of an autocommitted statement comes after its command tag (https://www.postgresql.org/docs/17/protocol-flow.html).
 * Given to pg's `Client.query`, which hands over each message.
 */
export class Statement {
  readonly result: Promise<StatementResult>;
  readonly text: string;
  readonly #values: readonly BoundValue[];
  readonly #settle: Settle;
  #columns: Column[] | null = null;
  #rows: (string | null)[][] = [];
  #bytes = 0;
  #overflow: StatementResult['overflow'] = null;
  #tag = '';
  #copy: StatementResult['copy'] = null;

  constructor(text: string, values: readonly BoundValue[]) {
    this.text = text;
    this.#values = values;
    let settle: Settle | undefined;
    this.result = new Promise((resolve, reject) => {
      settle = { resolve, reject };
    });
    this.#settle = settle!;
  }

  submit(connection: unknown): void {
    const wire = connection as Wire;
    wire.once('copyOutResponse', this.#onCopyOut);
    wire.stream.cork();
    wire.parse({ text: this.text, types: this.#values.map((value) => value.typeOid) });
    wire.bind({ values: this.#values.map((value) => value.text) });
    wire.describe({ type: 'P', name: '' });
    wire.execute({ portal: '' });
    wire.sync();
    wire.stream.uncork();
  }

  readonly #onCopyOut = (): void => {
    this.#copy = 'CopyOutResponse';
  };

  handleRowDescription(message: { fields: RowField[] }): void {
    this.#columns = message.fields.map((field) => ({
      name: field.name,
      typeOid: field.dataTypeID,
      typeModifier: field.dataTypeModifier,
      tableOid: field.tableID,
      attributeNumber: field.columnID,
    }));
  }

  handleDataRow(message: { fields: (string | null)[] }): void {
    if (this.#overflow !== null) return;
    let bytes = 0;
    for (const field of message.fields) bytes += field === null ? 0 : Buffer.byteLength(field);
    this.#bytes += bytes;
    if (bytes > rowLimitBytes) this.#overflow = 'row';
    else if (this.#bytes > resultLimitBytes) this.#overflow = 'result';
    else this.#rows.push(message.fields);
  }

  handleCommandComplete(message: { text: string }): void {
    this.#tag = message.text;
  }

  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}
  handleCopyData(): void {}

  /** PostgreSQL passes over the Sync that came while it awaited data, so another one follows. */
  handleCopyInResponse(connection: unknown): void {
    this.#copy = 'CopyInResponse';
    (connection as Wire).sendCopyFail('COPY FROM STDIN is not possible here');
    (connection as Wire).sync();
  }

  /** pg forgets the statement here, so ReadyForQuery is listened for. */
  handleError(error: Error, connection: unknown): void {
    const wire = connection as Wire;
    wire.removeListener('copyOutResponse', this.#onCopyOut);
    const severity = error instanceof DatabaseError ? error.severity : 'FATAL';
    if (severity === 'FATAL' || severity === 'PANIC')
      return this.#settle.reject(new ConnectionLost(error.message, { cause: error }));
    const lost = (): void => this.#settle.reject(new ConnectionLost('ended after an error', { cause: error }));
    wire.once('end', lost);
    wire.once('readyForQuery', () => {
      wire.removeListener('end', lost);
      if (this.#copy === 'CopyInResponse') this.handleReadyForQuery(connection);
      else this.#settle.reject(error);
    });
  }

  handleReadyForQuery(connection: unknown): void {
    (connection as Wire).removeListener('copyOutResponse', this.#onCopyOut);
    this.#settle.resolve({
      columns: this.#columns,
      rows: this.#rows,
      overflow: this.#overflow,
      tag: this.#tag,
      copy: this.#copy,
    });
  }
}
