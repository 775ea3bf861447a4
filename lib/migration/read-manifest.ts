import { LockkeeperError } from '../errors/index.ts';
import { emptyChain, sha256 } from './checksum.ts';
import type { Manifest } from './manifest.ts';
import { type RunSettings, runSettingsSchema } from './settings.ts';

/** The manifest's root: SHA-256 over the settings, keys in order, and the last chain. */
export const rootOf = (settings: RunSettings, lastChain: string): string => {
  const ordered = Object.entries(settings).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return sha256(`${JSON.stringify(ordered)}\n${lastChain}\n`);
};

const refuse = (found: string, cause?: unknown): LockkeeperError =>
  new LockkeeperError('ManifestMismatch', `the manifest cannot be used: ${found}`, { cause });

/**
 * A manifest from its JSON text, which this version of Lockkeeper wrote: the format and the root are checked, not each statement.
 * @throws LockkeeperError `ManifestMismatch`
 */
export const readManifest = (json: string): Manifest => {
  let manifest: Manifest;
  try {
    manifest = JSON.parse(json) as Manifest;
  } catch (cause) {
    throw refuse('not JSON', cause);
  }
  const format: unknown = manifest?.format;
  if (format !== 1) throw refuse(`format ${JSON.stringify(format) ?? 'absent'}, expected 1`);
  if (!Array.isArray(manifest.migrations)) throw refuse('no list of migrations');
  const settings = runSettingsSchema.safeParse(manifest.settings);
  if (!settings.success) throw refuse('its settings are not those of this version', settings.error);
  const root = rootOf(settings.data, manifest.migrations.at(-1)?.chain ?? emptyChain);
  if (manifest.root !== root) throw refuse(`root ${String(manifest.root)}, expected ${root}`);
  return manifest;
};
