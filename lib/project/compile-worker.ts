import type { MessagePort } from 'node:worker_threads';
import type { Manifest } from '../migration/index.ts';
import { compileProject } from './compile-project.ts';
import { packError, type TransferredError } from './error-transfer.ts';
import type { ReadOptions } from './read-project.ts';

export type WorkerReply = { readonly manifest: Manifest } | { readonly error: TransferredError };

/** The worker's side of `compileProjectSync`: compiles and posts exactly one reply. */
export const compileInWorker = async (root: string, options: ReadOptions, port: MessagePort): Promise<void> => {
  let reply: WorkerReply;
  try {
    reply = { manifest: await compileProject(root, options) };
  } catch (error) {
    reply = { error: packError(error) };
  }
  port.postMessage(reply);
};
