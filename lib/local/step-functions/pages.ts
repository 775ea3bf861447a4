import { ServiceError } from './service-error.ts';

/** A page of a list, with the token for what follows. @throws ServiceError `InvalidToken` */
export const page = <Entry>(
  entries: readonly Entry[],
  { maxResults, nextToken }: { maxResults?: number | undefined; nextToken?: string | undefined },
): { entries: readonly Entry[]; nextToken?: string } => {
  const from = nextToken === undefined ? 0 : Number(Buffer.from(nextToken, 'base64url').toString());
  if (!Number.isInteger(from) || from < 0) throw new ServiceError('InvalidToken', `Invalid Token: '${nextToken}'`);
  const to = from + (maxResults || 100);
  const rest = to < entries.length ? { nextToken: Buffer.from(String(to)).toString('base64url') } : {};
  return { entries: entries.slice(from, to), ...rest };
};
