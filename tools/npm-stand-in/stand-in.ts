import { readFileSync, rmSync } from 'node:fs';
import { createServer, Socket } from 'node:net';
import { join } from 'node:path';
import { NpmProcess, NpmRegistryStandIn, RegistryState } from './registry';
import { CliStandIn, Fault } from '../aws-cli-stand-in/cli-stand-in';

export { writeTarball } from './tarball';

/** `needsOtp`: the token does not bypass two-factor authentication. */
export type NpmFault = Omit<Fault, 'how'> & { readonly how: Fault['how'] | 'needsOtp' };

export const TOKEN = 'npm_secret-of-the-registry';
/** A version that no delivery published. */
const BY_HAND = { version: '0.9.0', integrity: `sha512-${'A'.repeat(86)}==`, release: 'v0' };

/**
 * A package of a registry in a folder, which the executable `npm` beside this file serves. Someone published 0.9.0, which users get.
 */
export class NpmStandIn extends CliStandIn<NpmFault> {
  public override readonly env: Record<string, string>;
  private readonly registry: NpmRegistryStandIn;

  constructor(folder: string, private readonly name = '@acme/shop') {
    super(folder, { folder: __dirname, variable: 'NPM_STAND_IN' });
    this.env = { NPM_STAND_IN: folder, PATH: `${__dirname}:${process.env.PATH}`, NPM_TOKEN: TOKEN };
    this.registry = new NpmRegistryStandIn(folder);
    this.reset();
  }

  /** Responds to the executable as long as this process lives. */
  public async listen(): Promise<void> {
    const server = createServer((socket) => this.serve(socket)).unref();
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the stand-in for npm has no port');
    this.env.NPM_STAND_IN_PORT = String(address.port);
  }

  /** The package as someone else made it. */
  public reset(changes: Partial<RegistryState> = {}): void {
    this.forget();
    for (const name of ['argv', 'scripts-env']) rmSync(join(this.folder, name), { force: true });
    const { integrity, release, version } = BY_HAND;
    this.state = { name: this.name, token: TOKEN, versions: { [version]: { integrity, release } }, tags: { latest: version }, ...changes };
  }

  /** A package that was never published. */
  public empty(): void {
    this.state = { ...this.state, versions: {}, tags: {} };
  }

  /** What users get by the tag `latest`. */
  public get served(): string | undefined {
    const { tags, versions } = this.state;
    return versions[tags.latest ?? '']?.release;
  }

  /** Calls that change the registry. */
  public get changes(): string[] {
    return this.calls.filter((call) => /^(publish|dist-tag-add|deprecate)$/.test(call));
  }

  /** Everything that was on a command line. */
  public get argv(): string {
    return readFileSync(join(this.folder, 'argv'), 'utf8');
  }

  /** The process environments of scripts of packages. */
  public get scriptsEnv(): string {
    return readFileSync(join(this.folder, 'scripts-env'), 'utf8');
  }

  /** A person moves the tag. */
  public moveByHand(version: string): void {
    this.state = { ...this.state, tags: { ...this.state.tags, latest: version } };
  }

  public get state(): RegistryState {
    return this.registry.state;
  }

  public set state(state: RegistryState) {
    this.registry.state = state;
  }

  /** Takes one call: the folder, the number of words, the words, the process environment, and an empty field at the end. */
  private serve(socket: Socket): void {
    let given = '';
    socket.unref();
    // a process that was killed
    socket.on('error', () => undefined);
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      given += chunk;
      const called = processIn(given);
      if (!called) return;
      const { code, error, how, output } = this.registry.run(called);
      const text = `${how} ${code} ${Buffer.byteLength(output)}\n${output}${error}`;
      if (how === 'hang') socket.write(text);
      else socket.end(text);
    });
  }
}

/** Undefined as long as it is not complete. */
function processIn(text: string): NpmProcess | undefined {
  const [cwd = '', count = '', ...fields] = text.split('\0');
  const words = fields.slice(0, Number(count));
  const settings = fields.slice(words.length);
  const end = settings.indexOf('');
  // what follows the last separator is empty, too
  if (end < 0 || end === settings.length - 1) return undefined;
  const env = Object.fromEntries(settings.slice(0, end).map((setting) => [setting.slice(0, setting.indexOf('=')), setting.slice(setting.indexOf('=') + 1)]));
  return { cwd, words, env };
}
