import { partsOf } from '../names.ts';
import type { FuncCall, Node } from '../parse.ts';
import { visitNodes } from '../walk.ts';

/** How an operator stands in a list of calls: it is a call of the function behind it. */
export const operatorMark = 'operator ';

/** Names of the functions called in a parse tree; an operator with a schema or unusual signs is among them. */
export const callsIn = (tree: unknown): readonly (readonly string[])[] => {
  const calls: (readonly string[])[] = [];
  visitNodes(tree, (kind, body) => {
    if (kind === 'FuncCall') calls.push(partsOf((body as FuncCall).funcname));
    else if (kind === 'A_Expr') {
      const name = partsOf(body['name'] as Node[] | undefined);
      calls.push([...name.slice(0, -1), `${operatorMark}${name.at(-1) ?? ''}`]);
    } else if (kind === 'TypeCast') calls.push([`cast`]);
  });
  return calls;
};

/** The calls of a function in a tree, with the nodes themselves. */
export const functionCallsIn = (tree: unknown): readonly FuncCall[] => {
  const calls: FuncCall[] = [];
  visitNodes(tree, (kind, body) => {
    if (kind === 'FuncCall') calls.push(body as FuncCall);
  });
  return calls;
};
