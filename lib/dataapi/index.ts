export { createDataApiClient } from './client.ts';
export { type DataApiCall, type DataApiDatabaseOptions, dataApiDatabase } from './database.ts';
