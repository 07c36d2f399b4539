import { NpmCli } from './npm-cli';
import { PublishedVersion, sha512In, TagVersions } from './npm-steps';
import { PackageTarball } from './package-tarball';
import { NpmDriverManifest } from '../../../contract/npm-manifest';
import { textIn } from '../../json-value';
import { EngineError } from '../engine-error';

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
    const found = parsed(printed);
    const deprecated = textIn(found, 'deprecated');
    return { version, integrity: sha512In(textIn(found, 'dist.integrity')), ...(deprecated !== '' && { deprecated }) };
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

function parsed(printed: string): unknown {
  try {
    return JSON.parse(printed) as unknown;
  } catch {
    throw new EngineError('rejected', 'npm view printed no JSON');
  }
}
