import { basename, join } from 'node:path';
import { NpmCli } from './npm-cli';
import { PublishedVersion, sha512In, TagVersions } from './npm-steps';
import { PackageTarball } from './package-tarball';
import { itemsIn, textIn } from '../../../runtime/json-value';
import { EngineError } from '../../../runtime/targets/engine-error';
import { NpmDriverManifest } from '../manifest';

/** Uploads may be large. */
const PUBLISH_MS = 5 * 60_000;

/** The calls of the npm CLI that read and change a package of the registry. */
export class NpmRegistry {
  constructor(private readonly cli: NpmCli, private readonly settings: NpmDriverManifest, private readonly giveUpAt: number) {}

  /** The version of the CLI, for example `11.5.1`. */
  public async cliVersion(): Promise<string> {
    return (await this.read('--version')).trim();
  }

  /** The user of the token. */
  public async user(): Promise<string> {
    return (await this.read('whoami')).trim();
  }

  /** The version of each tag; none if the registry has no such package. It is not what a cache of the package's document says. */
  public async tags(): Promise<TagVersions> {
    const lines = await this.unlessMissing(this.read('dist-tag', 'ls', this.settings.packageName)) ?? '';
    return Object.fromEntries(lines.split('\n').flatMap((line) => {
      const [, tag, version] = /^(\S+): (\S+)$/.exec(line.trim()) ?? [];
      return tag === undefined || version === undefined ? [] : [[tag, version]];
    }));
  }

  /** Undefined if the registry has no such version. */
  public async version(version: string): Promise<PublishedVersion | undefined> {
    const printed = await this.unlessMissing(this.read('view', `${this.settings.packageName}@${version}`, 'version', 'dist.integrity', 'deprecated', '--json'));
    if (printed === undefined || printed.trim() === '') return undefined;
    const found = parsed(printed, 'npm view');
    const deprecated = textIn(found, 'deprecated');
    return { version, integrity: sha512In(textIn(found, 'dist.integrity')), ...(deprecated !== '' && { deprecated }) };
  }

  /** Downloads the tarball of a version into a folder. Returns its path. */
  public async download(version: string, folder: string): Promise<string> {
    const spec = `${this.settings.packageName}@${version}`;
    const argv = ['pack', spec, '--pack-destination', folder, '--ignore-scripts', '--json'];
    const printed = await this.cli.read({ argv, giveUpAt: this.giveUpAt, env: { npm_config_cache: join(folder, 'cache') } });
    const file = textIn(itemsIn(parsed(printed, 'npm pack'))[0], 'filename');
    // an older npm writes a scope as part of it
    return join(folder, basename(file.replace('@', '').replace('/', '-')));
  }

  public async publish({ file }: Pick<PackageTarball, 'file'>): Promise<void> {
    const { access, candidateTag } = this.settings;
    const argv = ['publish', file, '--tag', candidateTag, ...(access === undefined ? [] : ['--access', access])];
    await this.cli.write({ argv, giveUpAt: this.giveUpAt, timeoutMs: PUBLISH_MS });
  }

  public async moveTag(tag: string, version: string): Promise<void> {
    await this.cli.write({ argv: ['dist-tag', 'add', `${this.settings.packageName}@${version}`, tag], giveUpAt: this.giveUpAt });
  }

  /** @param notice empty to remove it */
  public async deprecate(version: string, notice: string): Promise<void> {
    await this.cli.write({ argv: ['deprecate', `${this.settings.packageName}@${version}`, notice], giveUpAt: this.giveUpAt });
  }

  private read(...argv: string[]): Promise<string> {
    return this.cli.read({ argv, giveUpAt: this.giveUpAt });
  }

  private async unlessMissing(read: Promise<string>): Promise<string | undefined> {
    try {
      return await read;
    } catch (error) {
      if (error instanceof EngineError && error.kind === 'notFound') return undefined;
      throw error;
    }
  }
}

function parsed(printed: string, call: string): unknown {
  try {
    return JSON.parse(printed) as unknown;
  } catch {
    throw new EngineError('rejected', `${call} printed no JSON`);
  }
}
