import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CLASSPATH_GOAL, consumerPom, SETTINGS } from './consumer-pom';
import { ConsumerTool, ToolTexts } from './consumer-tool';
import { hashesOf } from './file-hashes';
import { compareMavenVersions, isMavenPrerelease, mavenVersion } from './maven-version';
import { Installation, InstalledPackage, PackageRegistry, PublishedFile, PublishedVersion } from './package-registry';
import { RegistryReader } from './registry-reader';
import { RuntimeContext } from '../../../runtime/context';
import { bareVersion, isCommit, Release } from '../../../runtime/release';
import { EngineError } from '../../../runtime/targets/engine-error';
import { MavenManifest } from '../manifest';

const TEXTS: ToolTexts = [
  [/Checksum validation failed/i, 'rejected'],
  [/status(?: code)?: ?40[13]/i, 'accessDenied'],
  [/status(?: code)?: ?429|Too Many Requests/i, 'throttled'],
  [/status(?: code)?: ?50\d|Connection (?:refused|reset)|connect timed out|Read timed out|Unknown host|Temporary failure in name resolution|Premature end of/i, 'unavailable'],
  [/JAVA_HOME|UnsupportedClassVersionError|requires Maven version|No compiler is provided/i, 'cliMissing'],
  [/Could not find artifact|was not found in /i, 'notFound'],
];

/** What else says how Maven works. A user's settings are not read, and neither are those of the machine. */
const PLAIN: NodeJS.ProcessEnv = {
  MAVEN_SKIP_RC: '1',
  MAVEN_ARGS: undefined,
  MAVEN_OPTS: undefined,
  MAVEN_CONFIG: undefined,
  MAVEN_BASEDIR: undefined,
  MAVEN_PROJECTBASEDIR: undefined,
  CLASSPATH: undefined,
};

/** The first one that the plugin works with. */
const LEAST_MAVEN = [3, 6, 3] as const;

/** A package of Maven Central or of another repository, resolved by Maven into an empty project. */
export class MavenRegistry implements PackageRegistry {
  public readonly packageName: string;
  public readonly place: string;
  public readonly directory?: string;
  /** jsii packages a repository: `com/acme/shop/1.2.3/shop-1.2.3.jar`. */
  public readonly isNested = true;
  public readonly toolFix = 'Install Maven 3.6.3 or later and Java in setupSteps (actions/setup-java)';
  public readonly compare = compareMavenVersions;
  public readonly isPrerelease = isMavenPrerelease;
  private readonly groupId: string;
  private readonly artifactId: string;
  private readonly reader: RegistryReader;
  private readonly tool: ConsumerTool;

  constructor(context: RuntimeContext, private readonly settings: MavenManifest) {
    this.packageName = settings.packageName;
    [this.groupId, this.artifactId] = settings.packageName.split(':') as [string, string];
    this.directory = settings.directory;
    this.place = `${settings.packageName} on ${new URL(settings.index).host}`;
    this.reader = new RegistryReader(context);
    this.tool = new ConsumerTool(context, TEXTS, /\[ERROR\] (?!\[Help|For more|To see|Re-run|After correcting|\s*$)/);
  }

  public versionNamed(release: Pick<Release, 'sha' | 'version'>): string | undefined {
    // 1234567 and 3f2a91c are versions, too
    return isCommit(release.version, release) ? undefined : mavenVersion(bareVersion(release.version));
  }

  public misnamed({ version }: { readonly version: string }): string | undefined {
    return /-SNAPSHOT$/i.test(version) ? 'A snapshot may change at any time: release a version' : undefined;
  }

  /** The jar and its pom: jars of sources and of documentation are not compared. */
  public versionOfFile(name: string): string | undefined {
    const [, stem = ''] = /^(.+)\.(?:jar|pom)$/.exec(name) ?? [];
    const version = stem.startsWith(`${this.artifactId}-`) ? mavenVersion(stem.slice(this.artifactId.length + 1)) : undefined;
    return version !== undefined && /-(?:sources|javadoc|tests|test-sources)$/.test(version) ? undefined : version;
  }

  /** Files with a classifier are not compared: `shop-1.2.3-all.jar` looks like one of the version 1.2.3-all. Only a pom has none. */
  public comparedFiles(names: readonly string[], version: string | undefined): readonly string[] {
    const ofPoms = new Set(names.filter((name) => name.endsWith('.pom')).flatMap((name) => this.versionOfFile(name) ?? []));
    const [only] = version === undefined && ofPoms.size === 1 ? ofPoms : [version];
    return only === undefined ? [] : [this.fileName(only, 'jar'), this.fileName(only, 'pom')];
  }

  public async toolVersion(giveUpAt: number): Promise<string> {
    const printed = await this.tool.run({ name: 'mvn --version', argv: ['mvn', '--batch-mode', '--version'], cwd: '/', env: PLAIN, giveUpAt });
    const [, version] = /Apache Maven (\d+\.\d+\.\d+\S*)/.exec(printed) ?? [];
    const numbers = version?.split('.').map((part) => Number.parseInt(part, 10)) ?? [];
    const at = LEAST_MAVEN.findIndex((least, i) => numbers[i] !== least);
    if (version === undefined || (at >= 0 && (numbers[at] ?? 0) < LEAST_MAVEN[at]!)) throw new EngineError('cliMissing', `Maven ${version ?? 'of an unknown version'} is too old`);
    return version;
  }

  public async versions(giveUpAt: number): Promise<readonly PublishedVersion[]> {
    const url = `${this.base}maven-metadata.xml`;
    const page = await this.reader.read(url, 'application/xml, text/xml;q=0.9, */*;q=0.1', giveUpAt);
    if (!page) return [];
    const [, listed] = /<metadata[\s>][^]*?<versions>([^]*?)<\/versions>/.exec(page.text) ?? [];
    if (listed === undefined) throw new EngineError('rejected', `GET ${url}: the response is no list of versions of a Maven repository`);
    const versions = [...listed.matchAll(/<version>\s*([^<\s]+)\s*<\/version>/g)].map(([, version]) => version!);
    return versions.filter((version) => mavenVersion(version) !== undefined).map((version) => ({ version, files: [{ name: this.fileName(version, 'jar') }] }));
  }

  /** The files are there before the list is: it may be an hour old. */
  public async publication(version: string, giveUpAt: number): Promise<PublishedVersion | undefined> {
    const jar = await this.file(version, 'jar', giveUpAt);
    if (!jar) {
      const isListed = (await this.versions(giveUpAt)).some((one) => one.version === version);
      return isListed ? { version, files: [], missing: `it is listed, and ${this.fileName(version, 'jar')} has no checksum` } : undefined;
    }
    const pom = this.directory === undefined ? undefined : await this.file(version, 'pom', giveUpAt);
    return { version, files: pom ? [jar, pom] : [jar] };
  }

  public async install({ folder, giveUpAt, project, version }: Installation): Promise<InstalledPackage> {
    const { artifactId, groupId, settings: { index } } = this;
    const [settings, repository, classpath] = ['settings.xml', 'repository', 'classpath'].map((name) => join(folder, name)) as [string, string, string];
    // Maven looks for .mvn in the folders above, too
    await mkdir(join(project, '.mvn'), { recursive: true });
    await writeFile(join(project, 'pom.xml'), consumerPom({ groupId, artifactId, version, index }));
    await writeFile(settings, SETTINGS);
    const argv = [
      'mvn', '--batch-mode', '--no-transfer-progress', '--strict-checksums', '--update-snapshots', '--settings', settings, '--global-settings', settings,
      `-Dmaven.repo.local=${repository}`, `-Dmdep.outputFile=${classpath}`, CLASSPATH_GOAL,
    ];
    await this.tool.run({ name: 'mvn dependency:build-classpath', argv, cwd: project, env: PLAIN, giveUpAt });
    const name = this.fileName(version, 'jar');
    const jar = await readFile(join(repository, ...groupId.split('.'), artifactId, version, name)).catch(() => undefined);
    const hashes = jar && hashesOf(jar);
    return {
      name,
      ...hashes,
      ...(hashes && { identity: `sha256:${hashes.sha256}` }),
      env: { ...this.tool.env, CLASSPATH: (await readFile(classpath, 'utf8')).trim(), MAVEN_OPTS: `-Dmaven.repo.local=${repository}` },
    };
  }

  /** The address of the package, with a slash at its end. */
  private get base(): string {
    return `${this.settings.index}${this.groupId.replaceAll('.', '/')}/${this.artifactId}/`;
  }

  private fileName(version: string, extension: 'jar' | 'pom'): string {
    return `${this.artifactId}-${version}.${extension}`;
  }

  /** A file by its checksum, sha256 where there is one. Undefined if it is not there yet. */
  private async file(version: string, extension: 'jar' | 'pom', giveUpAt: number): Promise<PublishedFile | undefined> {
    const name = this.fileName(version, extension);
    for (const [algorithm, form] of [['sha256', /^([0-9a-f]{64})\b/i], ['sha1', /^([0-9a-f]{40})\b/i]] as const) {
      const page = await this.reader.read(`${this.base}${version}/${name}.${algorithm}`, 'text/plain, */*;q=0.1', giveUpAt);
      const [, hash] = form.exec(page?.text.trim() ?? '') ?? [];
      if (hash !== undefined) return { name, [algorithm]: hash.toLowerCase() };
    }
    return undefined;
  }
}
