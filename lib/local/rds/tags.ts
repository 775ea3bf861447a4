import { z } from 'zod';
import { snapshotMissing } from './cluster-snapshots.ts';
import { clusterMissing } from './clusters.ts';
import { instanceMissing } from './instances.ts';
import { identifierIn } from './identifier.ts';
import { type RdsContext, rdsAction } from './rds-context.ts';
import { notImitated } from './rds-fault.ts';
import type { Tag } from './snapshot-store.ts';
import { mergedTags, tagList, tagsParameter } from './tag-rules.ts';

interface Tagged {
  readonly tags: readonly Tag[];
  replace(tags: Tag[]): void;
}

/** What an ARN names. @throws RdsFault for what is not there, or bears no tags on a laptop */
const taggedBy = (context: RdsContext, arn: string): Tagged => {
  const { store, clusters } = context;
  const type = arn.split(':')[5];
  const identifier = identifierIn(type ?? '', arn);
  if (type === 'cluster-snapshot') {
    const record = store.find(identifier);
    if (record === undefined) throw snapshotMissing(identifier);
    return { tags: record.tags, replace: (tags) => store.change(identifier, { tags }) };
  }
  if (type === 'cluster' && identifier !== context.source.clusterIdentifier) {
    const record = clusters.find(identifier);
    if (record === undefined) throw clusterMissing(identifier);
    return { tags: record.tags, replace: (tags) => clusters.change(identifier, { tags }) };
  }
  if (type === 'db' && identifier !== `${context.source.clusterIdentifier}-1`) {
    const record = clusters.all().find(({ instances }) => instances.some((each) => each.identifier === identifier));
    const instance = record?.instances.find((each) => each.identifier === identifier);
    if (record === undefined || instance === undefined) throw instanceMissing(identifier);
    return {
      tags: instance.tags,
      replace: (tags) =>
        clusters.change(record.identifier, {
          instances: record.instances.map((each) => (each === instance ? { ...each, tags } : each)),
        }),
    };
  }
  throw notImitated(`a tag on ${arn}`);
};

export const addTagsToResource = rdsAction(
  z.strictObject({ ResourceName: z.string(), Tags: tagsParameter }),
  (context, { ResourceName, Tags }) => {
    const tagged = taggedBy(context, ResourceName);
    tagged.replace(mergedTags(tagged.tags, Tags));
    return {};
  },
);

export const listTagsForResource = rdsAction(
  z.strictObject({ ResourceName: z.string() }),
  (context, { ResourceName }) => ({
    TagList: tagList(taggedBy(context, ResourceName).tags),
  }),
);
