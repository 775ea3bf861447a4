type Tree = { readonly [key: string]: unknown };

/**
 * Calls `visit` for every node body in a parse tree, in order; the tree may be any part of one.
 * Keeps its own stack: a chain of operators nests as deep as it is long.
 */
export const visitNodes = (tree: unknown, visit: (kind: string, body: Tree) => void): void => {
  if (typeof tree !== 'object' || tree === null) return;
  // two stacks side by side: this is walked for every statement several times
  const keys: (string | null)[] = [null];
  const values: object[] = [tree];
  for (let value = values.pop(); value !== undefined; value = values.pop()) {
    const key = keys.pop() ?? null;
    if (Array.isArray(value)) {
      for (let at = value.length - 1; at >= 0; at -= 1) {
        const child: unknown = value[at];
        if (typeof child !== 'object' || child === null) continue;
        keys.push(null);
        values.push(child);
      }
      continue;
    }
    if (key !== null) visit(key, value as Tree);
    const childKeys = Object.keys(value);
    for (let at = childKeys.length - 1; at >= 0; at -= 1) {
      const childKey = childKeys[at] ?? '';
      const child = (value as Tree)[childKey];
      if (typeof child !== 'object' || child === null) continue;
      keys.push(childKey);
      values.push(child);
    }
  }
};
