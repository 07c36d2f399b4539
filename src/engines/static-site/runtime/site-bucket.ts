import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SiteHeaders } from './site-headers';
import { ReleaseRecord, recordIn, StoredObject, StoredRelease } from './static-site-steps';
import { AwsCli } from '../../../runtime/aws/aws-cli';
import { itemsIn, numberIn, textIn } from '../../../runtime/json-value';
import { EngineError } from '../../../runtime/targets/engine-error';
import { isReleaseName } from '../../published-files/runtime/release-name';

/** Of a record or a pointer. Anyone who can write to the bucket may have put a larger one there. */
const LARGEST_TEXT = 65_536;

/** A small object with its text. */
export interface StoredText {
  readonly etag: string;
  readonly text: string;
}

/** The objects of one delivery in a bucket. Rejects with `EngineError` and `InterruptedError`. */
export class SiteBucket {
  constructor(private readonly cli: AwsCli, public readonly name: string, private readonly prefix: string, private readonly giveUpAt: number) {}

  /** Returns the bucket's region; empty where the CLI does not say it. */
  public async region(): Promise<string> {
    return textIn(await this.read('head-bucket', [], '{region:BucketRegion}'), 'region');
  }

  /** The folder of a release, which ends with a slash. */
  public folderOf(name: string): string {
    return `${this.prefix}${name}/`;
  }

  public async objects(folder: string): Promise<StoredObject[]> {
    const found = await this.read('list-objects-v2', ['--prefix', folder], 'Contents[].{key:Key,size:Size,etag:ETag}');
    return itemsIn(found).map((one) => ({ key: textIn(one, 'key'), size: numberIn(one, 'size'), etag: textIn(one, 'etag') }));
  }

  /** Whether there is an object whose key begins so. */
  public async hasAny(folder: string): Promise<boolean> {
    const found = await this.read('list-objects-v2', ['--prefix', folder, '--max-items', '1'], 'Contents[].{key:Key,size:Size,etag:ETag}');
    return itemsIn(found).length > 0;
  }

  /** Every release, complete or not. A record lies beside the folder of its release, so one listing has all. */
  public async releases(): Promise<StoredRelease[]> {
    const found = await this.read('list-objects-v2', ['--prefix', this.prefix, '--delimiter', '/'], '{records:Contents,folders:CommonPrefixes}') as Record<string, unknown>;
    const times = new Map(itemsIn(found?.records).map((one) => [textIn(one, 'Key').slice(this.prefix.length), textIn(one, 'LastModified')]));
    const names = new Set([
      ...itemsIn(found?.folders).map((one) => textIn(one, 'Prefix').slice(this.prefix.length).replace(/\/$/, '')),
      ...[...times.keys()].map((key) => key.replace(/\.json$/, '')),
    ]);
    return [...names].filter(isReleaseName).map((name) => ({ name, completedAt: times.get(`${name}.json`) }));
  }

  /** Uploads a folder of this machine. Returns when S3 has verified the checksum of every file. */
  public async upload(from: string, folder: string, { cacheControl, contentType }: SiteHeaders): Promise<void> {
    const headers = ['--cache-control', cacheControl, '--content-type', contentType, '--no-guess-mime-type'];
    await this.cli.transfer({ operation: 'cp', args: [from, `s3://${this.name}/${folder}`, '--recursive', ...headers], giveUpAt: this.giveUpAt });
  }

  /** The record goes first: what is half deleted is not complete. */
  public async delete(name: string): Promise<void> {
    await this.write('delete-object', ['--key', this.keyOf(name)], '{version:VersionId}');
    await this.cli.transfer({ operation: 'rm', args: [`s3://${this.name}/${this.folderOf(name)}`, '--recursive'], giveUpAt: this.giveUpAt });
  }

  public async record(name: string): Promise<ReleaseRecord | undefined> {
    const found = await this.text(this.keyOf(name));
    return found && recordIn(found.text);
  }

  public async complete(name: string, record: ReleaseRecord): Promise<void> {
    await this.put(this.keyOf(name), record, []);
  }

  /** Returns a small object; undefined where there is none. */
  public async text(key: string): Promise<StoredText | undefined> {
    return inFolder(async (folder) => {
      const file = join(folder, 'object');
      try {
        const etag = textIn(await this.read('get-object', ['--key', key, '--range', `bytes=0-${LARGEST_TEXT - 1}`, file], '{etag:ETag}'), 'etag');
        return { etag, text: await readFile(file, 'utf8') };
      } catch (error) {
        if (error instanceof EngineError && error.kind === 'notFound') return undefined;
        throw error;
      }
    });
  }

  /** Replaces an object if it is still the one with `etag`; without one, if there is none. */
  public async replace(key: string, content: object, etag: string | undefined): Promise<void> {
    await this.put(key, content, etag === undefined ? ['--if-none-match', '*'] : ['--if-match', etag]);
  }

  private async put(key: string, content: object, conditions: readonly string[]): Promise<void> {
    await inFolder(async (folder) => {
      const file = join(folder, 'object');
      await writeFile(file, `${JSON.stringify(content)}\n`);
      const args = ['--key', key, '--body', file, '--content-type', 'application/json', '--cache-control', 'no-store', ...conditions];
      await this.write('put-object', args, '{etag:ETag}');
    });
  }

  private keyOf(name: string): string {
    return `${this.prefix}${name}.json`;
  }

  private read(operation: string, args: readonly string[], query: string): Promise<unknown> {
    return this.cli.read({ service: 's3api', operation, args: ['--bucket', this.name, ...args], query, giveUpAt: this.giveUpAt });
  }

  private write(operation: string, args: readonly string[], query: string): Promise<unknown> {
    return this.cli.write({ service: 's3api', operation, args: ['--bucket', this.name, ...args], query, giveUpAt: this.giveUpAt });
  }
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'delivery-site-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
