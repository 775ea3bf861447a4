type Tree = { readonly [key: string]: unknown };

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/**
 * Calls `visit` for every node body in a parse tree, in order; the tree may be any part of one.
 * Keeps its own stack: a chain of operators nests as deep as it is long.
 */
export const visitNodes = (tree: unknown, visit: (kind: string, body: Tree) => void): void => {
  const waiting: { readonly key: string | null; readonly value: object }[] = isObject(tree)
    ? [{ key: null, value: tree }]
    : [];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { key, value } = next;
    if (key !== null && !Array.isArray(value)) visit(key, value as Tree);
    for (const [childKey, child] of Object.entries(value).toReversed() as [string, unknown][])
      if (isObject(child)) waiting.push({ key: Array.isArray(value) ? null : childKey, value: child });
  }
};
