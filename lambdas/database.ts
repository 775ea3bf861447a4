import { runAction } from '../lib/workflow/run-action.ts';
import { wire } from './wiring.ts';

let ports: ReturnType<typeof wire> | undefined;

/** Every action of the two state machines that touches the database. */
export const handler = async (payload: unknown): Promise<unknown> => runAction((ports ??= wire()), payload);
