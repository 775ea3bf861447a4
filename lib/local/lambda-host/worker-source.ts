/**
 * The program of a worker, as text: a bundle of the command line has no file beside it that a worker could be started from.
 * It loads the handler once, then answers one message after another.
 */
export const workerSource = `
const { parentPort, workerData } = require('node:worker_threads');

const failureOf = (error, fallback) => {
  if (error instanceof Error || (typeof error === 'object' && error !== null && 'message' in error)) {
    const { name, message, stack } = error;
    return { errorType: String(name || 'Error'), errorMessage: String(message), trace: String(stack ?? '').split('\\n') };
  }
  return { errorType: fallback, errorMessage: typeof error === 'string' ? error : JSON.stringify(error) ?? 'undefined', trace: [] };
};

const load = async () => {
  let module;
  try {
    module = await import(workerData.url);
  } catch (error) {
    throw { name: 'Runtime.ImportModuleError', message: String(error && error.message || error), stack: error && error.stack };
  }
  const handler = module[workerData.handler] ?? (module.default && module.default[workerData.handler]);
  if (typeof handler !== 'function') {
    throw { name: 'Runtime.HandlerNotFound', message: workerData.file + '.' + workerData.handler + ' is undefined or not exported' };
  }
  return handler;
};

const flushed = (stream) => new Promise((resolve) => stream.write('', () => resolve()));

let loading;
parentPort.on('message', async ({ id, event, context, deadlineMs }) => {
  let answer;
  try {
    loading ??= load();
    const handler = await loading;
    const full = {
      ...context,
      callbackWaitsForEmptyEventLoop: false,
      getRemainingTimeInMillis: () => Math.max(0, deadlineMs - Date.now()),
    };
    const result = await handler(JSON.parse(event), full);
    answer = { id, payload: JSON.stringify(result) ?? 'null' };
  } catch (error) {
    answer = { id, failure: failureOf(error, 'Error') };
  }
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  parentPort.postMessage(answer);
});
`;
