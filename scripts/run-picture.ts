import { readFileSync } from 'node:fs';
import { instance } from '@viz-js/viz';

interface State {
  readonly Type: string;
  readonly Next?: string;
  readonly Default?: string;
  readonly Choices?: readonly { readonly Next: string; readonly Condition: string }[];
  readonly Catch?: readonly { readonly Next: string; readonly ErrorEquals: readonly string[] }[];
}

const look: Readonly<Record<string, string>> = {
  Task: 'shape=box style="rounded,filled" fillcolor="#e8f0fe" color="#3b6fd4"',
  Choice: 'shape=diamond style=filled fillcolor="#fff7e0" color="#c58a00" height=0.7',
  Wait: 'shape=box style="rounded,filled,dashed" fillcolor="#f3f3f3" color="#888888"',
  Succeed: 'shape=box style="rounded,filled" fillcolor="#e3f5e5" color="#2e8b45" penwidth=2',
  Fail: 'shape=box style="rounded,filled" fillcolor="#fde7e7" color="#c0392b" penwidth=2',
};

const quote = (text: string): string => JSON.stringify(text);

/** The last quoted word of a condition, `$step.kind = 'batch'` → `batch`. */
const label = (condition: string): string => /'([^']+)'[^']*$/.exec(condition)?.[1] ?? '';

/** Every task's catch-all leads to 'Settle the failure': one edge stands for them all. */
const dotOf = (definition: { readonly StartAt: string; readonly States: Readonly<Record<string, State>> }): string => {
  const states = Object.entries(definition.States);
  const nodes = states.map(([name, { Type }]) => `${quote(name)} [${look[Type] ?? 'shape=box'}]`);
  const edges = states.flatMap(([name, state]) => [
    ...(state.Next === undefined ? [] : [`${quote(name)} -> ${quote(state.Next)}`]),
    ...(state.Choices ?? []).map(
      ({ Next, Condition }) => `${quote(name)} -> ${quote(Next)} [label=${quote(label(Condition))}]`,
    ),
    ...(state.Catch ?? [])
      .filter(({ Next }) => Next !== 'Settle the failure')
      .map(({ Next }) => `${quote(name)} -> ${quote(Next)} [style=dashed]`),
  ]);
  const failures = `"any error" [shape=plaintext fontcolor="#c0392b"]; "any error" -> "Settle the failure" [style=dashed color="#c0392b"]`;
  return `digraph run { rankdir=TB; nodesep=0.25; ranksep=0.35; fontname="Helvetica"; node [fontname="Helvetica" fontsize=11]; edge [fontname="Helvetica" fontsize=9 color="#555555"]; ${[...nodes, ...edges, failures].join(';\n')} }`;
};

/** docs/migrate.svg: the picture of a run, drawn from the deployed definition so that it cannot disagree with it. */
export const runPicture = async (): Promise<string> => {
  const viz = await instance();
  const definition = JSON.parse(
    readFileSync(new URL('../lib/local/definitions/migrate.asl.json', import.meta.url), 'utf8'),
  );
  return viz.renderString(dotOf(definition), { format: 'svg' });
};
