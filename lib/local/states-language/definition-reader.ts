import { type Json, LockkeeperError, LockkeeperErrors } from '../../errors/index.ts';
import { type Place, refusedFields, supportedFields } from './fields.ts';
import { readTemplate, type Template } from './template.ts';

export type JsonObject = { readonly [key: string]: Json | undefined };

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Collects what is wrong with a definition, each finding with its path, e.g. `/States/Apply a batch/Catch[0]/Next`. */
export class DefinitionReader {
  readonly findings: LockkeeperError[] = [];
  readonly refusal: (resource: string, taskArguments: Json | undefined) => string | null;

  constructor(refusal: (resource: string, taskArguments: Json | undefined) => string | null) {
    this.refusal = refusal;
  }

  refuse(path: string, why: string): void {
    this.findings.push(new LockkeeperError('DefinitionUnsupported', `${path}: ${why}`, { details: { path } }));
  }

  /** The object there, its fields held against what `place` may have; an empty one when there is none. */
  object(value: Json | undefined, path: string, place: Place): JsonObject {
    if (!isObject(value)) {
      this.refuse(path, `expected an object, found ${value === undefined ? 'nothing' : JSON.stringify(value)}`);
      return {};
    }
    for (const key of Object.keys(value)) {
      if (supportedFields[place].includes(key)) continue;
      const why = Object.hasOwn(refusedFields, key) ? `, ${refusedFields[key]}` : '';
      this.refuse(`${path}/${key}`, `the field ${key} of a ${place} is not supported${why}`);
    }
    return value;
  }

  list(value: Json | undefined, path: string): readonly Json[] {
    if (Array.isArray(value) && value.length > 0) return value as readonly Json[];
    this.refuse(path, `expected a list that is not empty, found ${JSON.stringify(value) ?? 'nothing'}`);
    return [];
  }

  text(value: Json | undefined, path: string): string {
    if (typeof value === 'string' && value !== '') return value;
    this.refuse(path, `expected a text, found ${JSON.stringify(value) ?? 'nothing'}`);
    return '';
  }

  number(value: Json | undefined, path: string, least: number, most: number, otherwise: number): number {
    if (value === undefined) return otherwise;
    if (typeof value === 'number' && value >= least && value <= most) return value;
    this.refuse(path, `expected a number from ${least} to ${most}, found ${JSON.stringify(value)}`);
    return otherwise;
  }

  /** A template at `${base}/${field}`; null when the field is absent. */
  template(value: Json | undefined, base: string, field: string): Template | null {
    if (value === undefined) return null;
    return readTemplate(value, field, (location, why) => this.refuse(`${base}/${location}`, why));
  }

  end(): void {
    const [first, ...rest] = this.findings;
    if (first) throw new LockkeeperErrors([first, ...rest]);
  }
}
