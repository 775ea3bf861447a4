import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Stage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import { LockkeeperError } from '../errors/index.ts';
import type { Manifest } from '../migration/manifest.ts';
import { compileProjectSync } from '../project/compile-project-sync.ts';
import { writeFunctionBundles } from './function-bundles.ts';

/** Compiled migrations, and the code asset that carries them into the functions. */
export class Migrations {
  readonly manifest: Manifest;

  private constructor(manifest: Manifest) {
    this.manifest = manifest;
  }

  /**
   * Compiles the migrations in `directory`, which is relative to the app's root: the folder the CDK runs in, where `lockkeeper.json` lies.
   * @throws LockkeeperErrors with everything that is wrong with them, each finding with its file, line and column
   */
  static fromDirectory(directory: string, { stage }: { readonly stage?: string } = {}): Migrations {
    try {
      return new Migrations(compileProjectSync(process.cwd(), { migrations: directory, stage }));
    } catch (error) {
      // A synth ends with what Node prints of this: the findings are the author's business, our call stack is not.
      if (error instanceof LockkeeperError) error.stack = `${error.name}: ${error.message}`;
      throw error;
    }
  }

  /** Migrations that were compiled before. */
  static fromManifest(manifest: Manifest): Migrations {
    return new Migrations(manifest);
  }

  /** The functions' bundles with the manifest beside them: one asset, whose content decides its name. */
  code(scope: IConstruct): Code {
    const outdir = Stage.of(scope)?.outdir;
    if (outdir === undefined)
      throw new LockkeeperError('Unexpected', 'migrations belong into a construct tree with an App');
    const directory = join(outdir, `lockkeeper.${this.manifest.root.slice(0, 16)}`);
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
    writeFunctionBundles(directory);
    writeFileSync(join(directory, 'manifest.json'), JSON.stringify(this.manifest));
    return Code.fromAsset(directory);
  }
}
