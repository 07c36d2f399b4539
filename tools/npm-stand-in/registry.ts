import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { writeTarball } from './tarball';

export interface RegistryState {
  readonly name: string;
  readonly token: string;
  /** Oldest first. */
  readonly versions: Readonly<Record<string, StoredVersion>>;
  readonly tags: Readonly<Record<string, string>>;
  /** How many reads after each change show what was there before. */
  readonly isStaleFor?: number;
  /** The integrity that an installation gets, in place of the right one. */
  readonly installs?: string;
  /** What the next reads show, and how many of them. */
  readonly before?: Pick<RegistryState, 'tags' | 'versions'>;
  readonly staleReads?: number;
}

export interface StoredVersion {
  readonly integrity: string;
  /** What users get with it. */
  readonly release: string;
  readonly deprecated?: string;
}

/** A process of the CLI. */
export interface NpmProcess {
  readonly cwd: string;
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** How it ends: `hang` never does, and `kill` ends the process that started it. */
export interface NpmEnd {
  readonly how: 'exit' | 'hang' | 'kill';
  readonly code: number;
  readonly output: string;
  readonly error: string;
}

interface Fault {
  readonly on: string;
  readonly nth: number;
  readonly times?: number;
  readonly how: string;
}

interface Options extends Readonly<Record<string, unknown>> {
  readonly words: readonly string[];
}

class NpmError extends Error {
  constructor(public readonly code: string | undefined, message: string) {
    super(message);
  }
}

const ERRORS: Readonly<Record<string, readonly [string, string]>> = {
  throttled: ['E429', '429 Too Many Requests - PUT https://registry.example.com/shop'],
  unavailable: ['E503', '503 Service Unavailable - PUT https://registry.example.com/shop'],
  unreachable: ['ECONNREFUSED', 'FetchError: request to https://registry.example.com/shop failed, reason: connect ECONNREFUSED'],
  full: ['ENOSPC', 'ENOSPC: no space left on device, write'],
  denied: ['E403', '403 403 Forbidden - PUT https://registry.example.com/shop - You may not perform that action with these credentials.'],
  signedOut: ['E401', 'Unable to authenticate, your authentication token seems to be invalid.'],
  needsOtp: ['EOTP', 'This operation requires a one-time password from your authenticator.'],
};

/** The options that take a value, and those that do not. */
const OPTIONS: Readonly<Record<string, boolean>> = { '--tag': true, '--access': true, '--json': false, '--ignore-scripts': false, '--save-exact': false, '--pack-destination': true };

/** Serves one package out of a folder, a call at a time. */
export class NpmRegistryStandIn {
  /** What npm has in its cache: what each command line printed first. */
  private readonly cache = new Map<string, string>();

  constructor(private readonly folder: string) {}

  public get state(): RegistryState {
    return JSON.parse(readFileSync(this.file('registry.json'), 'utf8')) as RegistryState;
  }

  /** At once, so that a process that is killed leaves the old state or the new one. */
  public set state(state: RegistryState) {
    const release = state.versions[state.tags.latest ?? '']?.release;
    this.write('registry.json', JSON.stringify(state));
    this.write('package', release ?? '');
    this.write('live', release === undefined ? 'nothing' : 'package');
  }

  public run(called: NpmProcess): NpmEnd {
    const { words } = called;
    const isTag = words[0] === 'dist-tag';
    const operation = isTag ? `dist-tag-${words[1]}` : words[0] ?? '';
    try {
      const options = parse(words.slice(isTag ? 2 : 1));
      // what must not hold a secret
      appendFileSync(this.file('argv'), `${words.join(' ')}\n`);
      return this.respond(operation, options, called);
    } catch (error) {
      if (!(error instanceof NpmError)) throw error;
      const code = error.code === undefined ? '' : `npm error code ${error.code}\n`;
      return { how: 'exit', code: 1, output: '', error: `${code}npm error ${error.message}\nnpm error Log files were not written due to the config logs-max=0\n` };
    }
  }

  private respond(operation: string, options: Options, called: NpmProcess): NpmEnd {
    const how = this.faultOf(operation);
    const end = (kind: NpmEnd['how'], output = ''): NpmEnd => ({ how: kind, code: 0, output, error: '' });
    const isApplied = how === undefined || how.startsWith('applied') || how === 'killsAfter';
    // a registry has no compare-and-swap: someone else's change is seen only if it comes before the next read
    if (how === 'other') this.moveByHand();
    if (how === 'hangs') return end('hang');
    if (how === 'killsBefore') return end('kill');
    const printed = isApplied ? this.cached(operation, options, called) : '';
    if (how === 'appliedHangs') return end('hang');
    if (how === 'killsAfter') return end('kill');
    const error = ERRORS[how === 'appliedUnavailable' || how === 'other' ? 'unavailable' : how ?? ''];
    if (error) throw new NpmError(...error);
    return end('exit', printed === '' ? '' : `${printed}\n`);
  }

  private faultOf(operation: string): string | undefined {
    appendFileSync(this.file('calls'), `${operation}\n`);
    const nth = readFileSync(this.file('calls'), 'utf8').split('\n').filter((line) => line === operation).length;
    const faults = existsSync(this.file('faults.json')) ? JSON.parse(readFileSync(this.file('faults.json'), 'utf8')) as Fault[] : [];
    return faults.find((one) => one.on === operation && nth >= one.nth && nth < one.nth + (one.times ?? 1))?.how;
  }

  /** Where npm prefers its cache, a read prints what it printed before. */
  private cached(operation: string, options: Options, called: NpmProcess): string {
    const key = called.words.join(' ');
    const isRead = ['whoami', 'dist-tag-ls', 'view'].includes(operation);
    const before = isRead && called.env.npm_config_prefer_offline === 'true' ? this.cache.get(key) : undefined;
    const printed = before ?? this.apply(operation, options, called);
    if (isRead) this.cache.set(key, printed);
    return printed;
  }

  private apply(operation: string, options: Options, { cwd, env }: NpmProcess): string {
    const [spec = '', second = ''] = options.words;
    switch (operation) {
      case '--version': return env.NPM_STAND_IN_VERSION ?? '11.5.1';
      case 'whoami':
        this.signIn(options, env, true);
        return 'octocat';
      case 'dist-tag-ls': {
        this.signIn(options, env, false);
        const state = this.seen();
        checkName(spec, state);
        if (Object.keys(state.versions).length === 0) throw new NpmError('E404', '404 Not Found - GET https://registry.example.com/-/package/shop/dist-tags');
        return Object.entries(state.tags).map(([tag, version]) => `${tag}: ${version}`).join('\n');
      }
      case 'view': {
        this.signIn(options, env, false);
        const { deprecated, integrity, version } = versionIn(this.seen(), spec);
        return JSON.stringify({ version, 'dist.integrity': integrity, ...(deprecated !== undefined && deprecated !== '' && { deprecated }) }, undefined, 2);
      }
      case 'pack': {
        this.signIn(options, env, false);
        const { name } = this.state;
        const { release, version } = versionIn(this.seen(), spec);
        const filename = `${name.replace('@', '').replace('/', '-')}-${version}.tgz`;
        writeTarball(join(String(options['--pack-destination']), filename), { name, version, release });
        return JSON.stringify([{ filename }]);
      }
      case 'publish': return this.publish(this.signIn(options, env, true), spec, String(options['--tag']));
      case 'dist-tag-add': {
        const state = this.signIn(options, env, true);
        const { version } = versionIn(state, spec);
        // as npm does: it reads first
        if (this.seen().tags[second] === version) return '';
        this.change({ tags: { ...state.tags, [second]: version } });
        return `+${second}: ${spec}`;
      }
      case 'deprecate': {
        const state = this.signIn(options, env, true);
        const { version, ...found } = versionIn(state, spec);
        this.change({ versions: { ...state.versions, [version]: { ...found, deprecated: second } } });
        return '';
      }
      case 'install': {
        this.signIn(options, env, false);
        const state = this.seen();
        const { integrity, release } = versionIn(state, spec);
        const modules = join(cwd, 'node_modules', state.name);
        mkdirSync(modules, { recursive: true });
        writeFileSync(join(modules, 'release'), release);
        writeFileSync(join(cwd, 'package-lock.json'), JSON.stringify({ packages: { [`node_modules/${state.name}`]: { integrity: state.installs ?? integrity } } }));
        return 'added 1 package';
      }
      case 'rebuild':
        // what scripts of packages see
        appendFileSync(this.file('scripts-env'), `${JSON.stringify(env)}\n`);
        return 'rebuilt dependencies successfully';
      default: throw new NpmError('EUSAGE', `Unknown command ${operation}`);
    }
  }

  private publish(state: RegistryState, file: string, tag: string): string {
    const bytes = readFileSync(file);
    const { name, release, version } = manifestIn(bytes);
    checkName(name, state);
    if (state.versions[version]) throw new NpmError(undefined, `You cannot publish over the previously published versions: ${version}.`);
    const integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
    // a registry makes the first version the latest, whatever its tag is
    const isFirst = Object.keys(state.versions).length === 0;
    const tags = { ...state.tags, [tag]: version, ...(isFirst && { latest: version }) };
    this.change({ versions: { ...state.versions, [version]: { integrity, release } }, tags });
    return `+ ${name}@${version}`;
  }

  /** Someone else moves the tag of users to the first version at this moment. */
  private moveByHand(): void {
    const { state } = this;
    this.state = { ...state, tags: { ...state.tags, latest: Object.keys(state.versions)[0]! } };
  }

  /** What is read may be old: as often as the state says. */
  private seen(): RegistryState {
    const { state } = this;
    if (!((state.staleReads ?? 0) > 0) || !state.before) return state;
    this.state = { ...state, staleReads: state.staleReads! - 1 };
    return { ...state, ...state.before };
  }

  /** Changes what is there. Until enough reads have passed, they show what was there before. */
  private change(changes: Partial<Pick<RegistryState, 'tags' | 'versions'>>): void {
    const { state } = this;
    this.state = { ...state, ...changes, before: { tags: state.tags, versions: state.versions }, staleReads: state.isStaleFor ?? 0 };
  }

  private signIn(options: Options, env: NpmProcess['env'], isWrite: boolean): RegistryState {
    const { state } = this;
    const token = env[`npm_config_${String(options['--registry']).replace(/^https?:/, '')}:_authToken`];
    if (isWrite && token === undefined) throw new NpmError('ENEEDAUTH', 'This command requires you to be logged in to https://registry.example.com/');
    if ((isWrite || token !== undefined) && token !== state.token) throw new NpmError(...ERRORS.signedOut!);
    return state;
  }

  private file(name: string): string {
    return join(this.folder, name);
  }

  private write(name: string, text: string): void {
    writeFileSync(this.file(`${name}.new`), text);
    renameSync(this.file(`${name}.new`), this.file(name));
  }
}

function parse(words: readonly string[]): Options {
  const options: Record<string, unknown> = {};
  const others: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    const [, name, value] = /^(--(?:@[^:=]+:)?[\w-]+)=(.*)$/.exec(word) ?? [];
    if (name !== undefined) options[name] = value;
    else if (!word.startsWith('--')) others.push(word);
    else if (OPTIONS[word] === undefined) throw new NpmError('EUSAGE', `Unknown option ${word}`);
    else options[word] = OPTIONS[word] ? words[++i] : true;
  }
  return { ...options, words: others };
}

function checkName(name: string, state: RegistryState): void {
  if (name !== state.name) throw new NpmError('E404', `404 Not Found - GET https://registry.example.com/${name} - Not found`);
}

function versionIn(state: RegistryState, spec: string): StoredVersion & { readonly version: string } {
  const at = spec.lastIndexOf('@');
  const version = spec.slice(at + 1);
  checkName(spec.slice(0, at), state);
  const found = state.versions[version];
  if (!found) throw new NpmError('E404', `404 No match found for version ${version}`);
  return { version, ...found };
}

/** The package.json, which is the first file of a tarball that the tests make. */
function manifestIn(bytes: Buffer): { readonly name: string; readonly version: string; readonly release: string } {
  const tar = gunzipSync(bytes);
  return JSON.parse(tar.toString('utf8', 512, 512 + parseInt(tar.toString('utf8', 124, 136), 8))) as ReturnType<typeof manifestIn>;
}
