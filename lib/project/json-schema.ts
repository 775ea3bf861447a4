import { z } from 'zod';
import { projectFileSchema } from './project-file.ts';

/** The JSON schema of `lockkeeper.json`, as kept in `lockkeeper.schema.json` beside this file. */
export const projectJsonSchema = (): unknown => ({
  title: 'lockkeeper.json',
  ...z.toJSONSchema(projectFileSchema, { io: 'input' }),
});
