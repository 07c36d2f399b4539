import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StaticSiteDriverManifest } from '../manifest';
import { DistributionConfig, originOf, withOriginPath } from './distribution-origin';
import { LivePointer, PointerReading } from './live-pointer';
import { AwsCli } from '../../../runtime/aws/aws-cli';
import { fieldIn, isObject, textIn } from '../../../runtime/json-value';
import { EngineError } from '../../../runtime/targets/engine-error';

export type DistributionSettings = Pick<StaticSiteDriverManifest, 'bucket' | 'invalidationPaths' | 'origin'> & { readonly distribution: string };

/** A distribution at one moment. */
export interface DistributionState {
  readonly etag: string;
  readonly modified: string;
  /** Whether all of CloudFront has the configuration. */
  readonly isDeployed: boolean;
  /** All of it: an update replaces the whole. It may hold secrets (headers for the origin), and is never logged. */
  readonly config: DistributionConfig;
}

/** The path of an origin of a CloudFront distribution. */
export class DistributionPointer implements LivePointer {
  public readonly name: string;
  /** The invalidation that this process began, by its reference. */
  private begun?: { readonly reference: string; readonly id: string };

  constructor(private readonly cli: AwsCli, private readonly settings: DistributionSettings, private readonly giveUpAt: number) {
    this.name = `the distribution ${settings.distribution}`;
  }

  public async read(): Promise<PointerReading> {
    const state = await this.state();
    const origin = originOf(state.config, this.settings);
    if (origin.kind === 'problem') throw new EngineError('rejected', `${this.name}: ${origin.why}`);
    return { path: origin.path, isInEffect: state.isDeployed, move: (path) => this.move(path, state), refresh: () => this.invalidate(state) };
  }

  public async state(): Promise<DistributionState> {
    const query = '{etag:ETag,status:Distribution.Status,modified:Distribution.LastModifiedTime,config:Distribution.DistributionConfig}';
    const found = await this.look('get-distribution', ['--id', this.settings.distribution], query);
    const config = fieldIn(found, 'config');
    if (!isObject(config)) throw new EngineError('rejected', 'cloudfront get-distribution printed no configuration');
    return { etag: textIn(found, 'etag'), modified: textIn(found, 'modified'), isDeployed: textIn(found, 'status') === 'Deployed', config };
  }

  private async move(path: string, { config, etag }: DistributionState): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), 'delivery-distribution-'));
    try {
      const file = join(folder, 'config.json');
      await writeFile(file, JSON.stringify(withOriginPath(config, this.settings, path)), { mode: 0o600 });
      await this.write('update-distribution', ['--id', this.settings.distribution, '--if-match', etag, '--distribution-config', `file://${file}`], '{etag:ETag}');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** The reference is that of the distribution's state: if there is an invalidation for it, CloudFront returns that one and makes no other. */
  private async invalidate({ etag, modified }: DistributionState): Promise<boolean> {
    const { distribution, invalidationPaths } = this.settings;
    const reference = `delivery ${etag} ${modified}`;
    const query = '{id:Invalidation.Id,status:Invalidation.Status}';
    const batch = { Paths: { Quantity: invalidationPaths.length, Items: invalidationPaths }, CallerReference: reference };
    const found = this.begun?.reference === reference
      ? await this.look('get-invalidation', ['--distribution-id', distribution, '--id', this.begun.id], query)
      : await this.write('create-invalidation', ['--distribution-id', distribution, '--invalidation-batch', JSON.stringify(batch)], query);
    this.begun = { reference, id: textIn(found, 'id') };
    return textIn(found, 'status') === 'Completed';
  }

  private look(operation: string, args: readonly string[], query: string): Promise<unknown> {
    return this.cli.read({ service: 'cloudfront', operation, args, query, giveUpAt: this.giveUpAt });
  }

  private write(operation: string, args: readonly string[], query: string): Promise<unknown> {
    return this.cli.write({ service: 'cloudfront', operation, args, query, giveUpAt: this.giveUpAt });
  }
}
