import { java, javascript, Project } from 'projen';
import { BoundRegistry, registryAddress } from './bound-registry';
import { MAVEN_CENTRAL } from './manifest';
import { artifactPaths } from '../../delivery/artifact-paths';
import { Duration } from '../../validation/duration';
import { OptionNames, optionsOf } from '../../validation/option-types';
import { invalid, show } from '../../validation/validation-error';

/**
 * Options for a package of Maven Central or of another Maven repository.
 */
export interface MavenOptions {
  /**
   * The group of the package: `com.acme`.
   *
   * @default - the one of the project, if it is a Java project or a jsii project that publishes to Maven; otherwise required
   */
  readonly groupId?: string;

  /**
   * The name of the package in its group.
   *
   * @default - the one of the project, if it is a Java project or a jsii project that publishes to Maven; otherwise required
   */
  readonly artifactId?: string;

  /**
   * The URL of the repository. It must be readable without a sign-in, and also serve the dependencies of the package. Maven's plugins come from there
   * if it has them, otherwise from Maven Central.
   *
   * @default 'https://repo1.maven.org/maven2/'
   */
  readonly repository?: string;

  /**
   * The folder with the files that are published, relative to the project's directory, for example `dist/java`. It is the delivery's artifact. The
   * repository must serve the jar and its pom with the same checksums.
   *
   * @default - no files are compared: what the repository serves counts
   */
  readonly directory?: string;
}

const OPTIONS: OptionNames<MavenOptions> = { groupId: true, artifactId: true, repository: true, directory: true };

/** A package of a Maven repository. Maven Central may take an hour until it serves a version. */
export function mavenPackage(options: MavenOptions): (project: Project) => BoundRegistry {
  optionsOf('Registry.maven', options, OPTIONS, '{ groupId: \'com.acme\', artifactId: \'shop\' }');
  const index = repositoryOf(options.repository ?? MAVEN_CENTRAL);
  return (project) => {
    const own = coordinatesOf(project);
    const packageName = `${idOf('groupId', options.groupId ?? own.groupId, 'com.acme')}:${idOf('artifactId', options.artifactId ?? own.artifactId, 'shop')}`;
    const [directory] = options.directory === undefined ? [] : artifactPaths([options.directory], 'Registry.maven directory');
    return {
      manifest: { ecosystem: 'maven', packageName, index, ...(directory !== undefined && { directory }) },
      directory,
      noRollback: index === MAVEN_CENTRAL
        ? 'Release a higher version: Maven Central deletes none, and has no mark for a bad one'
        : `Release a higher version of ${packageName}, and if ${new URL(index).host} allows it, delete the bad one`,
      commandTimeout: index === MAVEN_CENTRAL ? Duration.minutes(60) : Duration.minutes(15),
    };
  };
}

interface Coordinates {
  readonly groupId?: unknown;
  readonly artifactId?: unknown;
}

/** The jsii project has them in its package.json only, where jsii reads them. */
function coordinatesOf(project: Project): Coordinates {
  if (project instanceof java.JavaProject) return project.pom;
  if (!(project instanceof javascript.NodeProject)) return {};
  const { jsii } = project.package.manifest as { readonly jsii?: { readonly targets?: { readonly java?: { readonly maven?: Coordinates } } } };
  return jsii?.targets?.java?.maven ?? {};
}

/** @see https://maven.apache.org/guides/mini/guide-naming-conventions.html */
function idOf(name: 'groupId' | 'artifactId', id: unknown, example: string): string {
  const option = `Registry.maven ${name}`;
  if (id === undefined) invalid(option, 'it is missing, and the project is neither a Java project nor a jsii project that publishes to Maven', `Write it as in pom.xml: ${name}: '${example}'`);
  if (typeof id === 'string' && /^[A-Za-z0-9_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*$/.test(id)) return id;
  invalid(option, `${show(id)} is not one`, `Write it as in pom.xml: '${example}'`);
}

function repositoryOf(given: unknown): string {
  const option = 'Registry.maven repository';
  const { hostname, href } = registryAddress(option, given, MAVEN_CENTRAL);
  if (/^(?:search|central)\.(?:maven\.org|sonatype\.(?:com|org))$/.test(hostname)) invalid(option, `${show(given)} is not a repository`, `Write '${MAVEN_CENTRAL}'`);
  return href;
}
