export * from './error-table.ts';
export * from './lockkeeper-error.ts';
