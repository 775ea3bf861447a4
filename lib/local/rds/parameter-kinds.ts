import { z } from 'zod';

/** A boolean as the query protocol writes it. */
export const flag = z.enum(['true', 'false']).transform((text) => text === 'true');

/** 0 is allowed with auto-pause: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ServerlessV2ScalingConfiguration.html */
export const capacity = z
  .strictObject({
    MinCapacity: z.coerce.number().min(0).max(256),
    MaxCapacity: z.coerce.number().min(1).max(256),
    SecondsUntilAutoPause: z.coerce.number().int().min(300).max(86_400).optional(),
  })
  .refine(({ MinCapacity, MaxCapacity }) => MinCapacity <= MaxCapacity);

/** Days: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBCluster.html */
export const backupRetention = z.coerce.number().int().min(1).max(35);
