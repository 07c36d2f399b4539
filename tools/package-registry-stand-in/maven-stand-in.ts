import { createHash } from 'node:crypto';
import { Page, Publication, RegistryStandIn } from './registry-stand-in';

/** The bytes of a jar and of a pom of the release. */
export const bytesOf = (version: string, extension: string) => Buffer.from(`the ${extension} of ${version}\n`);
export const fileName = (version: string, extension: string) => `shop-${version}.${extension}`;

/** A Maven repository that serves one package, and the executable `mvn` beside this file. */
export class MavenStandIn extends RegistryStandIn {
  public static start(folder: string): Promise<MavenStandIn> {
    return new MavenStandIn(folder).listen();
  }

  /** The checksums that the repository has. */
  public algorithms = ['sha1', 'sha256'];
  /** Those of jars, if they have others than poms. */
  public jarAlgorithms?: readonly string[];
  /** Files are there, as long as the list is old. */
  public readonly unlisted = new Set<string>();
  /** What is in a jar, if it is something else. */
  private readonly other = new Map<string, string>();
  private readonly versions: string[] = [];

  private constructor(folder: string) {
    super(folder);
    this.toolVersion = 'Apache Maven 3.9.9 (8e8579a9e76f7d015ee5ec7bfcdc97d260186937)\nJava version: 21.0.5';
  }

  /** The address of the repository. */
  public get index(): string {
    return `${this.address}maven2/`;
  }

  /** From now on Maven finds it. */
  public installable(version: string, bytes = bytesOf(version, 'jar').toString().trim()): void {
    this.find(version, bytes);
  }

  /** @param publication `hash`: the bytes of the jar that is there; `installs`: the bytes of the one that Maven gets, without the line break */
  protected add(version: string, { hash, installs = hash }: Publication): void {
    this.versions.push(version);
    if (hash !== undefined) this.other.set(version, `${hash}\n`);
    if (installs !== null) this.installable(version, installs);
  }

  protected page(url: string): Page | undefined {
    const [, path] = /^\/maven2\/com\/acme\/shop\/(.+)$/.exec(url) ?? [];
    if (path === 'maven-metadata.xml' && this.versions.length > 0) return { type: 'text/xml', body: this.metadata };
    const [, version, extension, algorithm] = /^(.+)\/shop-\1\.(jar|pom)\.(sha1|sha256)$/.exec(path ?? '') ?? [];
    const algorithms = (extension === 'jar' ? this.jarAlgorithms : undefined) ?? this.algorithms;
    if (version === undefined || !this.versions.includes(version) || !algorithms.includes(algorithm!)) return undefined;
    const bytes = (extension === 'jar' ? this.other.get(version) : undefined) ?? bytesOf(version, extension!);
    return { type: 'text/plain', body: createHash(algorithm!).update(bytes).digest('hex') };
  }

  private get metadata(): string {
    const listed = this.versions.filter((version) => !this.unlisted.has(version)).map((version) => `      <version>${version}</version>\n`);
    return '<?xml version="1.0" encoding="UTF-8"?>\n<metadata>\n  <groupId>com.acme</groupId>\n  <artifactId>shop</artifactId>\n  <versioning>\n    <release>0.0.1</release>\n'
      + `    <versions>\n${listed.join('')}    </versions>\n  </versioning>\n</metadata>\n`;
  }
}
