import { isAlive } from '../postgres/index.ts';
import type { RdsContext } from './rds-context.ts';
import type { SnapshotRecord } from './snapshot-store.ts';

export type SnapshotStatus = 'creating' | 'available' | 'failed';

/** A copy whose process, or whose server in this process, is gone will never be complete. */
export const statusOf = (context: RdsContext, record: SnapshotRecord): SnapshotStatus => {
  if (record.state === 'failed') return 'failed';
  if (record.state === 'complete') return context.clock.now() < record.notBeforeEpochMs ? 'creating' : 'available';
  const isOurs = record.owner.process === context.owner.process;
  const goesOn = isOurs ? context.copies.percentOf(record.identifier) !== undefined : isAlive(record.owner.process);
  return goesOn ? 'creating' : 'failed';
};

/** 0 to 100: what is copied, or what of the least time has passed, whichever is less. */
export const percentOf = (context: RdsContext, record: SnapshotRecord): number => {
  if (statusOf(context, record) === 'available') return 100;
  const copied = record.state === 'complete' ? 99 : (context.copies.percentOf(record.identifier) ?? 0);
  const whole = record.notBeforeEpochMs - record.createdAtEpochMs;
  const passed = whole === 0 ? 99 : Math.floor(((context.clock.now() - record.createdAtEpochMs) * 99) / whole);
  return Math.max(0, Math.min(copied, passed));
};
