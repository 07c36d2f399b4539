import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConsumerTool, ToolTexts } from './consumer-tool';
import { Installation, InstalledPackage, PackageRegistry, PublishedVersion } from './package-registry';
import { compareVersions, isPrerelease, normalized } from './pep440';
import { RegistryReader } from './registry-reader';
import { ACCEPT, normalizedName, versionOfFile, versionsIn } from './simple-index';
import { RuntimeContext } from '../../../runtime/context';
import { fieldIn, parseJson, textIn } from '../../../runtime/json-value';
import { bareVersion, isCommit, Release } from '../../../runtime/release';
import { EngineError } from '../../../runtime/targets/engine-error';
import { PypiManifest } from '../manifest';

const TEXTS: ToolTexts = [
  [/No matching distribution found|Could not find a version that satisfies/i, 'notFound'],
  [/THESE PACKAGES DO NOT MATCH THE HASHES/i, 'rejected'],
  [/(?:HTTP error|Client Error)[^\n]*\b40[13]|\b40[13] Client Error/i, 'accessDenied'],
  [/429|Too Many Requests/i, 'throttled'],
  [/(?:HTTP error|Server Error)[^\n]*\b50\d|Connection (?:refused|reset|aborted)|Read timed out|NewConnectionError|Temporary failure in name resolution/i, 'unavailable'],
  [/No module named (?:venv|ensurepip|pip)|ensurepip is not available/i, 'cliMissing'],
];

/** What else says where pip installs from: only the index counts. A user's configuration is not read. */
const PIP_ENV: NodeJS.ProcessEnv = {
  PIP_CONFIG_FILE: '/dev/null',
  PIP_DISABLE_PIP_VERSION_CHECK: '1',
  PIP_NO_INPUT: '1',
  PIP_NO_CACHE_DIR: '1',
  PIP_INDEX_URL: undefined,
  PIP_EXTRA_INDEX_URL: undefined,
  PIP_FIND_LINKS: undefined,
  PIP_NO_INDEX: undefined,
  PIP_CONSTRAINT: undefined,
  PIP_REQUIREMENT: undefined,
  PIP_TARGET: undefined,
  PIP_USER: undefined,
  PYTHONPATH: undefined,
  PYTHONHOME: undefined,
};

const LEAST_PYTHON = [3, 9] as const;
/** The first one that reports which file it installed. A virtual environment gets the pip that comes with Python. */
const LEAST_PIP = [22, 2] as const;

function isAtLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [ours = 0, minorOfOurs = 0] = version.split('.').map(Number);
  return ours > major || (ours === major && minorOfOurs >= minor);
}

/** A package of PyPI or of another simple index, installed by pip into a virtual environment. */
export class PypiRegistry implements PackageRegistry {
  public readonly packageName: string;
  public readonly place: string;
  public readonly directory?: string;
  public readonly toolFix = 'Install Python 3.9 or later with venv and pip 22.2 or later in setupSteps (actions/setup-python; on Debian python3-venv)';
  public readonly compare = compareVersions;
  public readonly isPrerelease = isPrerelease;
  private readonly reader: RegistryReader;
  private readonly tool: ConsumerTool;

  constructor(context: RuntimeContext, private readonly settings: PypiManifest) {
    this.packageName = settings.packageName;
    this.directory = settings.directory;
    this.place = `${settings.packageName} on ${new URL(settings.index).host}`;
    this.reader = new RegistryReader(context);
    this.tool = new ConsumerTool(context, TEXTS);
  }

  public versionNamed(release: Pick<Release, 'sha' | 'version'>): string | undefined {
    // 1234567 and 12a4567 are versions, too
    return isCommit(release.version, release) ? undefined : normalized(bareVersion(release.version));
  }

  public versionOfFile(name: string): string | undefined {
    return versionOfFile(this.packageName, name);
  }

  public async toolVersion(giveUpAt: number): Promise<string> {
    const printed = await this.tool.run({
      name: 'python3', argv: ['python3', '-c', 'import sys, ensurepip, venv; print(".".join(map(str, sys.version_info[:3])), ensurepip.version())'], cwd: '/', env: PIP_ENV, giveUpAt,
    });
    const [, version, pip] = /^(\d+\.\d+\.\d+) (\d+\.\d+\S*)$/m.exec(printed) ?? [];
    if (version === undefined || !isAtLeast(version, LEAST_PYTHON)) throw new EngineError('cliMissing', `Python ${version ?? 'of an unknown version'} is too old`);
    if (!isAtLeast(pip!, LEAST_PIP)) throw new EngineError('cliMissing', `pip ${pip}, which comes with Python ${version}, is too old`);
    return version;
  }

  public async versions(giveUpAt: number): Promise<readonly PublishedVersion[]> {
    const url = `${this.settings.index}${this.packageName}/`;
    const page = await this.reader.read(url, ACCEPT, giveUpAt);
    if (!page) return [];
    const versions = versionsIn(this.packageName, page.text, page.contentType);
    if (!versions) throw new EngineError('rejected', `GET ${url}: the response is no page of a simple index`);
    return versions;
  }

  public async publication(version: string, giveUpAt: number): Promise<PublishedVersion | undefined> {
    return (await this.versions(giveUpAt)).find((one) => this.compare(one.version, version) === 0);
  }

  public async install({ folder, giveUpAt, project, version }: Installation): Promise<InstalledPackage> {
    const spec = `${this.packageName}==${version}`;
    const environment = join(folder, 'venv');
    const report = join(folder, 'report.json');
    await mkdir(project, { recursive: true });
    await this.tool.run({ name: 'python3 -m venv', argv: ['python3', '-m', 'venv', '--clear', environment], cwd: folder, env: PIP_ENV, giveUpAt });
    const argv = [join(environment, 'bin/python'), '-m', 'pip', 'install', '--index-url', this.settings.index, '--report', report, spec];
    await this.tool.run({ name: 'pip install', argv, cwd: project, env: PIP_ENV, giveUpAt });
    const { PYTHONHOME: _home, PYTHONPATH: _path, ...env } = this.tool.env;
    return { sha256: installedHash(this.packageName, await readFile(report, 'utf8').catch(() => '')), env: { ...env, VIRTUAL_ENV: environment, PATH: `${join(environment, 'bin')}:${env.PATH ?? ''}` } };
  }
}

/** The hash of the package's file in a report of pip. @see https://pip.pypa.io/en/stable/reference/installation-report/ */
function installedHash(packageName: string, report: string): string | undefined {
  const installed = fieldIn(parseJson(report), 'install');
  const found = Array.isArray(installed) ? installed.find((one) => normalizedName(textIn(fieldIn(one, 'metadata'), 'name')) === packageName) as unknown : undefined;
  const hash = textIn(fieldIn(fieldIn(fieldIn(found, 'download_info'), 'archive_info'), 'hashes'), 'sha256');
  return hash === '' ? undefined : hash.toLowerCase();
}
