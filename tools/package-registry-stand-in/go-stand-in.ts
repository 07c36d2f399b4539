import { Page, Publication, RegistryStandIn } from './registry-stand-in';

export const MODULE = 'example.com/Acme/shop';

/** A module proxy that serves one module, and the executable `go` beside this file. Versions have no `v` here. */
export class GoStandIn extends RegistryStandIn {
  public static start(folder: string): Promise<GoStandIn> {
    return new GoStandIn(folder).listen();
  }

  /** The commit of each version, where the proxy says it. */
  public readonly commits: Record<string, string> = {};
  /** What is in the go.mod of each version behind its first line. */
  public readonly goMods: Record<string, string> = {};
  /** Found by its name only, as long as the list is old. */
  public readonly unlisted = new Set<string>();
  private readonly versions: string[] = [];

  private constructor(folder: string) {
    super(folder);
    this.toolVersion = 'go version go1.24.3 linux/amd64';
  }

  /** The address of the proxy. */
  public get index(): string {
    return this.address;
  }

  /** From now on go finds it. */
  public installable(version: string): void {
    this.find(`v${version}`, `h1:${version}`);
  }

  protected add(version: string, { installs }: Publication): void {
    this.versions.push(version);
    if (installs !== null) this.installable(version);
  }

  protected page(url: string): Page | undefined {
    const [, file] = /^\/example\.com\/!acme\/shop\/@v\/(.+)$/.exec(url) ?? [];
    if (file === 'list') {
      const listed = this.versions.filter((version) => !this.unlisted.has(version));
      return { type: 'text/plain', body: listed.map((version) => `v${version}\n`).join('') };
    }
    const [, version, kind] = /^v(.+)\.(info|mod)$/.exec(file ?? '') ?? [];
    if (version === undefined || !this.versions.includes(version)) {
      return { type: 'text/plain; charset=UTF-8', status: 404, body: `not found: ${MODULE}@${file}: invalid version: unknown revision` };
    }
    if (kind === 'mod') return { type: 'text/plain', body: `module ${MODULE}\n${this.goMods[version] ?? ''}` };
    const commit = this.commits[version];
    const origin = commit === undefined ? undefined : { VCS: 'git', URL: 'https://example.com/Acme/shop', Hash: commit, Ref: `refs/tags/v${version}` };
    return { type: 'application/json', body: JSON.stringify({ Version: `v${version}`, Time: '2026-01-01T00:00:00Z', Origin: origin }) };
  }
}
