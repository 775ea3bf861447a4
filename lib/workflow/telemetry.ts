import type { Json } from '../errors/index.ts';

/** CloudWatch metrics of a service: name to unit. Each carries the dimension `service` and none else. */
export const metricUnits = {
  RunsStarted: 'Count',
  RunsSucceeded: 'Count',
  RunsFailed: 'Count',
  RunDuration: 'Milliseconds',
  MigrationsApplied: 'Count',
  MigrationsReverted: 'Count',
  RowsAffected: 'Count',
  LockWaits: 'Count',
  LeaseWaits: 'Count',
  RunningStepAgeSeconds: 'Seconds',
} as const;

export type MetricName = keyof typeof metricUnits;

/** Where a run tells what it does. It never throws, and gets no parameter, secret or row value. */
export interface Telemetry {
  info(message: string, fields: { readonly [key: string]: Json | undefined }): void;
  error(message: string, fields: { readonly [key: string]: Json | undefined }): void;
  measure(metric: MetricName, value: number): void;
}
