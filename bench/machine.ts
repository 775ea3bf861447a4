import { cpus } from 'node:os';

/** Processor, cores and Node, in a few words. */
export const machine = (): string => {
  const [first] = cpus();
  const model = (first?.model ?? 'unknown processor')
    .replaceAll(/\((R|TM)\)|@.*$|\bCPU\b/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return `${cpus().length} × ${model}, ${process.platform} ${process.arch}, Node ${process.versions.node}`;
};
