import { cpus, loadavg } from 'node:os';

/** Processor, cores, Node, and how busy it has been in the last minute: figures of a busy machine say little. */
export const machine = (): string => {
  const [first] = cpus();
  const model = (first?.model ?? 'unknown processor')
    .replaceAll(/\((R|TM)\)|@.*$|\bCPU\b/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return `${cpus().length} × ${model}, ${process.platform} ${process.arch}, Node ${process.versions.node}, load ${loadavg()[0]!.toFixed(1)} before`;
};
