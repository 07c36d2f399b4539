import { Project, python } from 'projen';
import { PackageRegistryDriverManifest } from '../contract/package-registry-manifest';
import { artifactPaths } from '../delivery/artifact-paths';
import { OptionNames, optionsOf } from '../validation/option-types';
import { webAddress } from '../validation/url';
import { invalid, show } from '../validation/validation-error';

/**
 * Options for a package of PyPI or of another index.
 */
export interface PypiOptions {
  /**
   * The name of the package.
   *
   * @default - the name of the project, if it is a Python project; otherwise required
   */
  readonly packageName?: string;

  /**
   * The URL of the simple index. It must be readable without a sign-in, and also serve the dependencies of the package.
   *
   * @default 'https://pypi.org/simple/'
   * @see https://packaging.python.org/en/latest/specifications/simple-repository-api/
   */
  readonly index?: string;

  /**
   * The folder with the files that are published (wheels and source distributions), relative to the project's directory, for example `dist` or
   * `dist/python`. It is the delivery's artifact. The registry must serve each of them with the same sha256.
   *
   * @default - no files are compared: what the index serves counts
   */
  readonly directory?: string;
}

const PYPI: OptionNames<PypiOptions> = { packageName: true, index: true, directory: true };
const PYPI_INDEX = 'https://pypi.org/simple/';
/** @see https://packaging.python.org/en/latest/specifications/name-normalization/ */
const PYPI_NAME = /^(?=.{1,214}$)(?:[a-z0-9]|[a-z0-9][a-z0-9._-]*[a-z0-9])$/i;

/** What a registry is for one project. */
export interface BoundRegistry {
  readonly manifest: PackageRegistryDriverManifest['registry'];
  /** The folder of the delivery's artifact. */
  readonly directory?: string;
  /** What a person does about a bad version. */
  readonly noRollback: string;
}

/**
 * A registry of packages in which a version, once published, stays as it is, and which has no pointer that could be moved back.
 */
export class Registry {
  /**
   * A package of PyPI, or of another index of Python's packages.
   *
   * @param options the package and the index
   */
  public static pypi(options: PypiOptions = {}): Registry {
    return new Registry(pypi(options));
  }

  /** @internal */
  public readonly _bind: (project: Project) => BoundRegistry;

  private constructor(bind: (project: Project) => BoundRegistry) {
    this._bind = bind;
  }
}

function pypi(options: PypiOptions): (project: Project) => BoundRegistry {
  optionsOf('Registry.pypi', options, PYPI, '{ packageName: \'shop\' }');
  const index = indexOf(options.index ?? PYPI_INDEX);
  return (project) => {
    const packageName = pypiName(options.packageName ?? (project instanceof python.PythonProject ? project.name : undefined));
    const [directory] = options.directory === undefined ? [] : artifactPaths([options.directory], 'Registry.pypi directory');
    const { host } = new URL(index);
    return {
      manifest: { ecosystem: 'pypi', packageName, index, ...(directory !== undefined && { directory }) },
      directory,
      noRollback: index === PYPI_INDEX
        ? `Yank the version on https://pypi.org/manage/project/${packageName}/releases/, so that only those who pin it install it, and release a higher one`
        : `Withdraw the version of ${packageName} on ${host}, and release a higher one`,
    };
  };
}

function pypiName(name: unknown): string {
  const option = 'Registry.pypi packageName';
  if (name === undefined) invalid(option, 'it is missing, and the project is not a Python project', 'Name the package: packageName: \'shop\'');
  if (typeof name === 'string' && PYPI_NAME.test(name)) return name.toLowerCase().replace(/[-_.]+/g, '-');
  invalid(option, `${show(name)} is not the name of a package`, 'Write it as in pip install: \'shop\', without a version');
}

function indexOf(given: unknown): string {
  const option = 'Registry.pypi index';
  const { hash, hostname, href, pathname, search } = webAddress(option, given, false, {
    credentials: 'Remove them: the index must be readable without a sign-in', insecure: 'Write https://...: packages are installed from there',
  });
  if (search !== '' || hash !== '') invalid(option, `${show(given)} has more than a path`, `Write only the address, for example '${PYPI_INDEX}'`);
  if (/^(?:test\.)?pypi\.org$/.test(hostname) && !/^\/simple\/?$/.test(pathname)) {
    invalid(option, `${show(given)} is not the simple index`, `Write 'https://${hostname}/simple/'`);
  }
  return href.endsWith('/') ? href : `${href}/`;
}
