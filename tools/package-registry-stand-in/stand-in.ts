import { createHash } from 'node:crypto';
import { Page, Publication, RegistryStandIn } from './registry-stand-in';

export type { PageFault, ToolFault } from './registry-stand-in';

interface IndexFile {
  readonly name: string;
  readonly sha256: string;
  yanked?: string;
}

/** The bytes of a wheel of the release. */
export const wheelOf = (version: string) => Buffer.from(`the wheel of ${version}\n`);
export const wheelName = (version: string) => `acme_shop-${version}-py3-none-any.whl`;
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** A simple index that serves one package, and the executable `python3` beside this file. */
export class PypiStandIn extends RegistryStandIn {
  public static start(folder: string): Promise<PypiStandIn> {
    return new PypiStandIn(folder).listen();
  }

  public files: IndexFile[] = [];
  /** Whether pages are HTML. */
  public isHtml = false;

  private constructor(folder: string) {
    super(folder);
    this.python = '3.12.1 23.2.1';
  }

  /** The address of the index. */
  public get index(): string {
    return `${this.address}simple/`;
  }

  /** The versions of Python and of the pip that comes with it. */
  public set python(versions: string) {
    this.toolVersion = versions;
  }

  /** From now on pip finds it. */
  public installable(version: string, hash = sha256(wheelOf(version))): void {
    this.find(version, hash);
  }

  public yank(version: string, reason: string): void {
    for (const file of this.files) if (file.name === wheelName(version)) file.yanked = reason;
  }

  protected add(version: string, { hash = sha256(wheelOf(version)), installs = hash }: Publication): void {
    this.files.push({ name: wheelName(version), sha256: hash });
    if (installs !== null) this.installable(version, installs);
  }

  protected page(url: string): Page | undefined {
    if (url !== '/simple/acme-shop/' || this.files.length === 0) return undefined;
    return this.isHtml ? { type: 'text/html; charset=utf-8', body: this.html } : { type: 'application/vnd.pypi.simple.v1+json', body: this.json };
  }

  private get json(): string {
    const files = this.files.map(({ name, sha256: hash, yanked = false }) => ({ filename: name, hashes: { sha256: hash }, yanked }));
    return JSON.stringify({ files });
  }

  private get html(): string {
    const yankedOf = ({ yanked }: IndexFile) => (yanked === undefined ? '' : ` data-yanked="${yanked}"`);
    const links = this.files.map((file) => `<a href="../../files/${file.name}#sha256=${file.sha256}"${yankedOf(file)}>${file.name}</a><br/>`);
    return `<!DOCTYPE html><html><body><h1>Links for acme-shop</h1>\n${links.join('\n')}\n</body></html>`;
  }
}
