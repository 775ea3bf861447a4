import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { LockkeeperError } from '../errors/index.ts';
import type { Manifest } from '../migration/index.ts';
import type { WorkerReply } from './compile-worker.ts';
import { unpackError } from './error-transfer.ts';
import type { ReadOptions } from './read-project.ts';

const timeoutMs = 120_000;

/** This module's own file: `__filename` in a CommonJS bundle, where `import.meta.url` is empty. */
const thisFile = (): string => (typeof __filename === 'string' ? __filename : fileURLToPath(import.meta.url));

/**
 * Runs in the worker, as CommonJS text: imports the entry, which may be TypeScript, and always wakes the caller,
 * also when the entry cannot be loaded.
 */
const bootstrap = `
const { workerData: { entry, loader, root, options, port, flag } } = require('node:worker_threads');
const load = loader === null ? import(entry) : import(loader).then((tsx) => tsx.tsImport(entry, entry));
load
  .then((worker) => worker.compileInWorker(root, options, port))
  .catch((error) => port.postMessage({ error: { code: 'Unexpected', message: String(error && error.stack || error), details: {}, findings: [] } }))
  .finally(() => { Atomics.store(flag, 0, 1); Atomics.notify(flag, 0); });
`;

/** The built worker beside this file (or above, for a chunk of a bundle), else its source, which tsx loads. */
const entryOf = (file: string): { readonly entry: string; readonly loader: string | null } => {
  const built = [dirname(file), dirname(dirname(file))].map((directory) => join(directory, 'compile-worker.mjs'));
  const found = built.find((path) => existsSync(path));
  if (found !== undefined) return { entry: pathToFileURL(found).href, loader: null };
  const source = join(dirname(file), 'compile-worker.ts');
  if (!existsSync(source)) throw new LockkeeperError('Unexpected', `neither ${built[0]} nor ${source} is there`);
  // require finds the CommonJS half of tsx; its module half lies beside it
  const loader = pathToFileURL(
    createRequire(file)
      .resolve('tsx/esm/api')
      .replace(/\.cjs$/, '.mjs'),
  ).href;
  return { entry: pathToFileURL(source).href, loader };
};

/**
 * `compileProject` for callers that cannot wait, as CDK constructs: the parser loads asynchronously, so a worker compiles
 * while this thread sleeps on a shared flag. The worker ends with the call and keeps no process alive.
 * @throws LockkeeperErrors as `compileProject`; causes stay in the worker
 */
export const compileProjectSync = (root: string, options: ReadOptions = {}): Manifest => {
  const { port1, port2 } = new MessageChannel();
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(bootstrap, {
    eval: true,
    execArgv: [],
    workerData: { ...entryOf(thisFile()), root: resolve(root), options, port: port2, flag },
    transferList: [port2],
  });
  worker.unref();
  try {
    Atomics.wait(flag, 0, 0, timeoutMs);
    const reply = receiveMessageOnPort(port1)?.message as WorkerReply | undefined;
    if (reply === undefined)
      throw new LockkeeperError('Unexpected', `the compiling worker did not answer within ${timeoutMs} ms`);
    if ('error' in reply) throw unpackError(reply.error);
    return reply.manifest;
  } finally {
    port1.close();
    void worker.terminate();
  }
};
