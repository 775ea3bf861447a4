type Tree = { readonly [key: string]: unknown };

/** Calls `visit` for every node body of a given type in a parse tree, in order; the tree may be any part of one. */
export const visitNodes = (tree: unknown, visit: (kind: string, body: Tree) => void): void => {
  if (Array.isArray(tree)) {
    for (const each of tree) visitNodes(each, visit);
    return;
  }
  if (typeof tree !== 'object' || tree === null) return;
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value !== 'object' || value === null) continue;
    if (!Array.isArray(value)) visit(key, value as Tree);
    visitNodes(value, visit);
  }
};
