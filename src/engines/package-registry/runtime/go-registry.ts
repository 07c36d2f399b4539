import { mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { ConsumerTool, ToolTexts } from './consumer-tool';
import { compareGoVersions, escaped, goVersion, isGoPrerelease, isPseudo, isVersion, otherMajor, retracted, Retraction, retractionsIn } from './go-module';
import { Installation, InstalledPackage, PackageRegistry, PublishedVersion } from './package-registry';
import { latestOf } from './publication-steps';
import { RegistryReader } from './registry-reader';
import { RuntimeContext } from '../../../runtime/context';
import { fieldIn, parseJson, textIn } from '../../../runtime/json-value';
import { EngineError } from '../../../runtime/targets/engine-error';
import { GoManifest } from '../manifest';

const TEXTS: ToolTexts = [
  [/checksum mismatch|SECURITY ERROR/i, 'rejected'],
  [/\b40[13] (?:Unauthorized|Forbidden)/i, 'accessDenied'],
  [/429 |Too Many Requests/i, 'throttled'],
  [/\b50\d (?:[A-Z]|$)|connection (?:refused|reset)|i\/o timeout|TLS handshake timeout|no such host|unexpected EOF|: EOF/im, 'unavailable'],
  [/requires go >= |toolchain not available|unknown flag|flag provided but not defined/i, 'cliMissing'],
  [/404 Not Found|410 Gone|not found:|unknown revision|no matching versions|invalid version/i, 'notFound'],
];

/** What else says where go gets modules from, and how: only the proxy counts. A user's configuration is not read. */
const PLAIN: NodeJS.ProcessEnv = {
  GOENV: 'off',
  GOWORK: 'off',
  GO111MODULE: undefined,
  GONOPROXY: 'none',
  GONOSUMDB: undefined,
  GOPRIVATE: undefined,
  GOINSECURE: undefined,
  GOSUMDB: undefined,
};

/** The first one that has `go mod download -json` with all fields that are read, and toolchains. */
const LEAST_GO = [1, 21] as const;

/** A module of Go on a module proxy, got by the go command into an empty module. */
export class GoRegistry implements PackageRegistry {
  public readonly packageName: string;
  public readonly place: string;
  public readonly toolFix = 'Install Go 1.21 or later in setupSteps (actions/setup-go)';
  public readonly compare = compareGoVersions;
  public readonly isPrerelease = isGoPrerelease;
  private readonly reader: RegistryReader;
  private readonly tool: ConsumerTool;

  constructor(context: RuntimeContext, private readonly settings: GoManifest) {
    this.packageName = settings.packageName;
    this.place = `${settings.packageName} on ${new URL(settings.index).host}`;
    this.reader = new RegistryReader(context);
    this.tool = new ConsumerTool(context, TEXTS, /^go(?: get)?: |"Error": /);
  }

  public versionNamed({ version }: { readonly version: string }): string | undefined {
    return goVersion(this.packageName, version);
  }

  public misnamed({ version }: { readonly version: string }): string | undefined {
    return otherMajor(this.packageName, version);
  }

  /** A module is a commit: there are no files that were built. */
  public versionOfFile(): undefined {
    return undefined;
  }

  public async toolVersion(giveUpAt: number): Promise<string> {
    const printed = await this.tool.run({ name: 'go version', argv: ['go', 'version'], cwd: '/', env: PLAIN, giveUpAt });
    const [, version, major, minor] = /^go version (?:go|devel go)((\d+)\.(\d+)\S*)/m.exec(printed) ?? [];
    if (version === undefined || Number(major) < LEAST_GO[0] || (Number(major) === LEAST_GO[0] && Number(minor) < LEAST_GO[1])) {
      throw new EngineError('cliMissing', `Go ${version ?? 'of an unknown version'} is too old`);
    }
    return version;
  }

  public async versions(giveUpAt: number): Promise<readonly PublishedVersion[]> {
    const listed = await this.listed(giveUpAt);
    const retractions = await this.retractions(listed, giveUpAt);
    return listed.map((version) => published(version, retractions));
  }

  /** A proxy may get a version only when it is read by its name, and list it later. */
  public async publication(version: string, giveUpAt: number): Promise<PublishedVersion | undefined> {
    const url = `${this.base}${escaped(version)}.info`;
    const page = await this.reader.find(url, 'application/json', giveUpAt);
    if ('missing' in page) return { version, files: [], missing: page.missing };
    const info = parseJson(page.text);
    if (textIn(info, 'Version') !== version) throw new EngineError('rejected', `GET ${url}: the response is not about ${version}`);
    const listed = await this.listed(giveUpAt);
    const retractions = await this.retractions([...listed, version], giveUpAt);
    const commit = this.settings.fromThisRepository ? textIn(fieldIn(info, 'Origin'), 'Hash') : '';
    return { ...published(version, retractions), ...(/^[0-9a-f]{40}$/.test(commit) && { commit }) };
  }

  public async install({ folder, giveUpAt, project, version }: Installation): Promise<InstalledPackage> {
    const spec = `${this.packageName}@${version}`;
    const env = this.environmentIn(folder);
    await mkdir(project, { recursive: true });
    const run = (...args: string[]) => this.tool.run({ name: `go ${args.slice(0, args[0] === 'mod' ? 2 : 1).join(' ')}`, argv: ['go', ...args], cwd: project, env, giveUpAt });
    await writeFile(join(project, 'go.mod'), `module consumer.invalid/consumer\n\ngo ${LEAST_GO.join('.')}\n`);
    const sum = textIn(parseJson(await run('mod', 'download', '-json', spec)), 'Sum');
    await run('get', spec);
    const { PATH: path = '', ...plain } = this.tool.env;
    const ours = Object.fromEntries(Object.entries({ ...plain, ...env }).filter(([, value]) => value !== undefined));
    return { ...(sum !== '' && { identity: sum }), env: { ...ours, PATH: [join(folder, 'bin'), path].join(delimiter) } };
  }

  /** The address of the versions, with a slash at its end. */
  private get base(): string {
    return `${this.settings.index}${escaped(this.packageName)}/@v/`;
  }

  private async listed(giveUpAt: number): Promise<string[]> {
    const url = `${this.base}list`;
    const page = await this.reader.read(url, 'text/plain', giveUpAt);
    if (!page) return [];
    const lines = page.text.split('\n').map((line) => line.trim().split(/\s+/)[0]!).filter((line) => line !== '');
    if (lines.length > 0 && !lines.some(isVersion)) throw new EngineError('rejected', `GET ${url}: the response is no list of a module proxy`);
    return lines.filter((line) => isVersion(line) && !isPseudo(line));
  }

  /** The go.mod of the latest version says which ones are retracted, itself perhaps among them. */
  private async retractions(listed: readonly string[], giveUpAt: number): Promise<Retraction[]> {
    const latest = latestOf(listed.map((version) => published(version, [])), this, false);
    if (!latest) return [];
    const page = await this.reader.read(`${this.base}${escaped(latest.version)}.mod`, 'text/plain', giveUpAt);
    return page ? retractionsIn(page.text) : [];
  }

  /** Caches of its own, which can be removed: by default the files of modules are read-only. */
  private environmentIn(folder: string): NodeJS.ProcessEnv {
    const { index, privateModules = [] } = this.settings;
    return {
      ...PLAIN,
      GOPROXY: index.replace(/\/$/, ''),
      GOFLAGS: '-mod=mod -modcacherw',
      GOPATH: join(folder, 'go'),
      GOMODCACHE: join(folder, 'modules'),
      GOCACHE: join(folder, 'cache'),
      GOBIN: join(folder, 'bin'),
      ...(privateModules.length > 0 && { GONOSUMDB: privateModules.join(',') }),
    };
  }
}

function published(version: string, retractions: readonly Retraction[]): PublishedVersion {
  const withdrawn = retracted(version, retractions);
  return { version, files: [{ name: `${version}.zip`, ...(withdrawn !== undefined && { withdrawn }) }] };
}
