import { listOf } from './paging.ts';
import { list, type XmlList } from './query-reply.ts';
import { invalidParameter } from './rds-fault.ts';
import { type Tag, tagSchema } from './snapshot-store.ts';

export const tagsParameter = listOf(tagSchema);

export const tagList = (tags: readonly Tag[]): XmlList => list('Tag', tags);

/** https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_Tag.html */
const allowed = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** The tags with the new ones in them, which win. @throws RdsFault `InvalidParameterValue` */
export const mergedTags = (tags: readonly Tag[], added: readonly Tag[]): Tag[] => {
  for (const { Key, Value } of added) {
    if (Key.length < 1 || Key.length > 128 || !allowed.test(Key) || /^(aws|rds):/i.test(Key)) {
      throw invalidParameter(`Invalid tag key: ${Key}`);
    }
    if (Value.length > 256 || !allowed.test(Value)) throw invalidParameter(`Invalid value of the tag ${Key}`);
  }
  const merged = new Map([...tags, ...added].map((tag) => [tag.Key, tag]));
  if (merged.size > 50) throw invalidParameter('A resource has at most 50 tags');
  return [...merged.values()];
};
