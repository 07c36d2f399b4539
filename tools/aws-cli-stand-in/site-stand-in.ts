import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CliStandIn } from './cli-stand-in';

export interface SiteState {
  readonly bucket: string;
  readonly account?: string;
  readonly region?: string;
  /** Whether ETags say nothing about the content. */
  readonly isEncrypted?: boolean;
  /** How often one has to look until a distribution or an invalidation is done. */
  readonly takes: number;
  readonly distribution?: string;
  readonly etag?: string;
  readonly modified?: string;
  readonly config?: DistributionConfig;
  /** By their caller reference. */
  readonly invalidations: Readonly<Record<string, Invalidation>>;
}

interface Invalidation {
  readonly id: string;
  /** Of the distribution when it was created. */
  readonly etag: string;
  readonly isDeployed: boolean;
  readonly polls: number;
}

export interface DistributionConfig {
  readonly Enabled: boolean;
  readonly Comment: string;
  readonly Origins: { readonly Quantity: number; readonly Items: readonly Origin[] };
  readonly DefaultCacheBehavior: { readonly TargetOriginId: string };
}

interface Origin {
  readonly Id: string;
  readonly DomainName: string;
  readonly OriginPath: string;
}

interface StoredObject {
  readonly ETag: string;
  readonly Size: number;
  readonly text: string;
  readonly headers: { readonly type?: string; readonly cache?: string };
}

const SITE: Origin = { Id: 'site', DomainName: 'acme-site.s3.eu-central-1.amazonaws.com', OriginPath: '/by-hand' };
const CONFIG: DistributionConfig = {
  Enabled: true,
  Comment: 'kept',
  Origins: { Quantity: 2, Items: [SITE, { Id: 'api', DomainName: 'api.example.com', OriginPath: '' }] },
  DefaultCacheBehavior: { TargetOriginId: 'site' },
};

/**
 * A bucket with a distribution in a folder, which the executable `aws` beside this file serves. The origin path is `/by-hand`, and its page
 * is `v0`. The page of a release is the release that users get.
 */
export class SiteStandIn extends CliStandIn {
  constructor(folder: string, private readonly hasDistribution = true) {
    super(folder);
    this.reset();
  }

  /** The site as someone else made it. */
  public reset(changes: Partial<SiteState> = {}): void {
    this.forget();
    rmSync(join(this.folder, 'objects'), { recursive: true, force: true });
    const distribution = this.hasDistribution ? { distribution: 'E1A2B3C4D5E6F7', etag: 'E1', modified: '2026-01-01T00:00:00Z', config: CONFIG } : {};
    this.state = { bucket: 'acme-site', takes: 0, invalidations: {}, ...distribution, ...changes };
    this.put('by-hand/index.html', 'v0\n');
    this.write('page', 'v0\n');
    this.write('live', this.hasDistribution ? 'page' : 'nothing');
  }

  /** The page that users get. */
  public get served(): string | undefined {
    return readFileSync(join(this.folder, 'live'), 'utf8') === 'page' ? readFileSync(join(this.folder, 'page'), 'utf8').trim() : undefined;
  }

  /** Calls that change what users get, or may get. */
  public get changes(): string[] {
    return this.calls.filter((call) => /^(cp|rm|put|delete|update|create)/.test(call));
  }

  public get path(): string {
    return this.state.config!.Origins.Items[0]!.OriginPath;
  }

  /** A person moves the distribution, in the console. */
  public moveByHand(path: string): void {
    const config = this.state.config!;
    const [site, ...others] = config.Origins.Items;
    this.configure({ ...config, Origins: { ...config.Origins, Items: [{ ...site!, OriginPath: path }, ...others] } });
  }

  /** A person changes the distribution. */
  public configure(config: DistributionConfig): void {
    this.state = { ...this.state, config, etag: randomUUID() };
    const page = this.object(`${config.Origins.Items[0]!.OriginPath.slice(1)}/index.html`);
    this.write('page', page?.text ?? '');
    this.write('live', page ? 'page' : 'nothing');
  }

  public get keys(): string[] {
    return readdirSync(join(this.folder, 'objects')).map(decodeURIComponent).sort();
  }

  /** The prefixes of releases, without the folder before them. */
  public get releases(): string[] {
    return [...new Set(this.keys.flatMap((key) => /^releases\/production\/([^/]+)\//.exec(key)?.[1] ?? []))];
  }

  public object(key: string): StoredObject | undefined {
    const file = this.fileOf(key);
    return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) as StoredObject : undefined;
  }

  public put(key: string, text: string): void {
    mkdirSync(join(this.folder, 'objects'), { recursive: true });
    const ETag = `"${createHash('md5').update(text).digest('hex')}"`;
    const object = { ETag, Size: Buffer.byteLength(text), LastModified: new Date().toISOString(), text, headers: {} };
    writeFileSync(this.fileOf(key), JSON.stringify(object));
  }

  public delete(key: string): void {
    rmSync(this.fileOf(key));
  }

  public get state(): SiteState {
    return JSON.parse(readFileSync(join(this.folder, 'site.json'), 'utf8')) as SiteState;
  }

  public set state(state: SiteState) {
    this.write('site.json', JSON.stringify(state));
  }

  private fileOf(key: string): string {
    return join(this.folder, 'objects', encodeURIComponent(key));
  }
}
