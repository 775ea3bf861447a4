import type jsonata from 'jsonata';
import { refusedFunctions } from './expression-functions.ts';

type Node = Record<string, unknown> & { type?: string; value?: unknown };

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !(value instanceof RegExp);

/** Parts of a node that are evaluated with another context item than the node itself. */
const inner = new Set(['stages', 'predicate', 'group', 'terms']);

/**
 * What an expression uses that Step Functions does not have; null when nothing.
 * At the top there is no context item: no `$`, `$$` and no bare field name
 * (https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html).
 */
export const expressionRefusal = (root: jsonata.ExprNode): string | null => {
  const look = (node: unknown, top: boolean): string | null => {
    if (Array.isArray(node)) return first(node.map((each) => () => look(each, top)));
    if (!isNode(node)) return null;
    if (node.type === 'function' || node.type === 'partial') {
      const called = (node.procedure as Node | undefined)?.value;
      const instead = Object.entries(refusedFunctions).find(([name]) => name === called)?.[1];
      if (instead) return `$${String(called)}() does not exist in Step Functions, use ${instead}()`;
    }
    if (top && node.type === 'variable' && (node.value === '' || node.value === '$')) {
      return `$${String(node.value)} has no meaning at the top of an expression, use $states.input`;
    }
    if (top && (node.type === 'name' || node.type === 'wildcard' || node.type === 'descendant')) {
      return `the field ${JSON.stringify(node.value)} has no object before it at the top of an expression, use $states.input`;
    }
    if (node.type === 'transform')
      return first([node.pattern, node.update, node.delete].map((each) => () => look(each, false)));
    if (node.type === 'path') {
      const [head, ...rest] = node.steps as unknown[];
      const parts = [
        () => look(head, top),
        ...rest.map((each) => () => look(each, false)),
        () => look(node.group, false),
      ];
      return first(parts);
    }
    return first(
      Object.entries(node)
        .filter(([key]) => key !== 'value' && key !== 'type')
        .map(
          ([key, part]) =>
            () =>
              look(part, top && !inner.has(key)),
        ),
    );
  };
  return look(root, true);
};

const first = (looks: readonly (() => string | null)[]): string | null => {
  for (const look of looks) {
    const found = look();
    if (found !== null) return found;
  }
  return null;
};
