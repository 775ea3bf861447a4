import { stretchesOf } from '../../migration/index.ts';
import { partsOf, partsOfObject } from '../names.ts';
import type { FuncCall, Node } from '../parse.ts';
import { visitNodes } from '../walk.ts';
import type { Refusal, Setting } from './refusal.ts';

type Body = { readonly [key: string]: unknown };

/** The keys under which the parser keeps names as lists of strings. */
const nameKeys = [
  'funcname',
  'objname',
  'names',
  'typeName',
  'domainname',
  'defnames',
  'trigname',
  'opclassname',
  'object',
  'funcs',
];

/** Whether a list is a name with that word before its last part. */
const isQualified = (value: unknown, by: string): boolean =>
  Array.isArray(value) &&
  value.length > 1 &&
  partsOf(value as Node[])
    .slice(0, -1)
    .includes(by);

const isQualifiedIn = (kind: string, body: Body, by: string): boolean =>
  body['schemaname'] === by ||
  (kind === 'List' && isQualified(body['items'], by)) ||
  nameKeys.some((key) => isQualified(body[key], by));

const schemasNamed = (kind: string, body: Body): string[] => {
  const objects = Array.isArray(body['objects']) ? (body['objects'] as Node[]) : [];
  if (kind === 'DropStmt' && body['removeType'] === 'OBJECT_SCHEMA') return objects.flatMap(partsOfObject);
  if (kind === 'GrantStmt' && body['objtype'] === 'OBJECT_SCHEMA') return objects.flatMap(partsOfObject);
  if (kind === 'GrantStmt' && body['targtype'] === 'ACL_TARGET_ALL_IN_SCHEMA') return objects.flatMap(partsOfObject);
  if (kind === 'RenameStmt' && body['renameType'] === 'OBJECT_SCHEMA')
    return [String(body['subname'] ?? ''), String(body['newname'] ?? '')];
  if (kind === 'ImportForeignSchemaStmt') return [String(body['local_schema'] ?? '')];
  if (
    kind === 'DefElem' &&
    (body['defname'] === 'schema' || body['defname'] === 'schemas') &&
    body['arg'] !== undefined
  )
    return partsOfObject(body['arg'] as Node);
  if (kind === 'AlterObjectSchemaStmt') return [String(body['newschema'] ?? '')];
  if (['AlterOwnerStmt', 'CommentStmt', 'SecLabelStmt'].includes(kind)) {
    const schema = body['objectType'] === 'OBJECT_SCHEMA' || body['objtype'] === 'OBJECT_SCHEMA';
    return schema && body['object'] !== undefined ? partsOfObject(body['object'] as Node) : [];
  }
  return [];
};

const settingRefusal = (call: FuncCall, namesLedger: (text: string) => boolean, ledger: string): Refusal => {
  if (partsOf(call.funcname).at(-1) !== 'set_config') return null;
  const [name, value, local] = call.args ?? [];
  const setting = name !== undefined && 'A_Const' in name ? (name.A_Const.sval?.sval ?? '').toLowerCase() : '';
  if (setting === 'role' || setting === 'session_authorization')
    return `set_config('${setting}', …) would write the ledger as another role; grant the rights to the migrating role`;
  const path = value !== undefined && 'A_Const' in value ? (value.A_Const.sval?.sval ?? '') : '';
  if (setting === 'search_path' && namesLedger(path)) return ledger;
  const isLocal = local !== undefined && 'A_Const' in local && local.A_Const.boolval?.boolval === true;
  return isLocal ? null : 'set_config(…, false) outlives the migration; give true as its third argument';
};

interface LedgerReader {
  /** Whether the text of a body does: its code with any `schema.name`, its literals as below, its comments never. */
  inBody(text: string): boolean;
  /** Whether a literal begins with a table of the ledger or a call; a mere `schema.word` is as well the name of a host. */
  inLiteral(text: string): boolean;
}

const ledgerReaders = new Map<string, LedgerReader>();

/** The same reader for the same schema: every statement is put to it. */
const ledgerReader = (ledgerSchema: string): LedgerReader => {
  const known = ledgerReaders.get(ledgerSchema);
  if (known !== undefined) return known;
  const made = makeLedgerReader(ledgerSchema);
  ledgerReaders.set(ledgerSchema, made);
  return made;
};

const makeLedgerReader = (ledgerSchema: string): LedgerReader => {
  const schema = `"?${ledgerSchema}"?\\s*\\.\\s*`;
  const object = '(?:"?(?:capability|event|installation|lease|migration)\\b|"?\\w+"?\\()';
  const before = '(?:^|[^\\w$."])';
  const inCode = new RegExp(`${before}${schema}["\\w]`, 'i');
  const inInnerLiteral = new RegExp(`${before}${schema}${object}`, 'i');
  const atBegin = new RegExp(`^\\s*${schema}${object}`, 'i');
  return {
    inBody: (text) => {
      // a name with a dot in it, not a body
      if (!/\s/.test(text)) return inInnerLiteral.test(text);
      const stretches = stretchesOf(text);
      if (stretches.some(({ closed }) => !closed)) return inCode.test(text);
      const of = (...kinds: readonly string[]): string =>
        stretches.flatMap(({ kind, start, end }) => (kinds.includes(kind) ? [text.slice(start, end)] : [])).join(' ');
      const code = stretches.map(({ kind, start, end }) =>
        kind === 'code' || kind === 'name' ? text.slice(start, end) : kind.endsWith('comment') ? '' : "''",
      );
      return inCode.test(code.join('')) || inInnerLiteral.test(of('string', 'dollar-quote'));
    },
    inLiteral: (text) => atBegin.test(text),
  };
};

/** What is refused wherever in a statement it stands: the ledger's schema by name, and `set_config` beyond the transaction. */
export const refusedAnywhere = (node: Node, { ledgerSchema }: Setting): Refusal => {
  let refusal: Refusal = null;
  const ledger = `${ledgerSchema} is Lockkeeper's own schema, a migration may not name it`;
  const names = ledgerReader(ledgerSchema);
  const asWord = new RegExp(`\\b${ledgerSchema}\\b`, 'i');
  visitNodes(node, (kind, body) => {
    if (refusal !== null) return;
    if (isQualifiedIn(kind, body, ledgerSchema) || schemasNamed(kind, body).includes(ledgerSchema)) refusal = ledger;
    else if (kind === 'FuncCall') refusal = settingRefusal(body as FuncCall, (text) => asWord.test(text), ledger);
    else if (
      kind === 'VariableSetStmt' &&
      body['name'] === 'search_path' &&
      JSON.stringify(body['args']).includes(`"${ledgerSchema}"`)
    )
      refusal = ledger;
    else if (typeof body['sval'] === 'string' && (kind === 'String' ? names.inBody : names.inLiteral)(body['sval']))
      refusal = ledger;
  });
  return refusal;
};
